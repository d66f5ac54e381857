import http from 'node:http';
import { ADMIN_TOKEN, INGEST_TOKEN } from './server.js';

const AT_ONCE = 16;

/** A request to send. */
export interface Sent {
  readonly method: string;
  readonly path: string;
  readonly headers?: Record<string, string | string[]>;
  readonly body?: string;
}

/** The answer to a request. */
interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
}

/** Sends requests that no client would send in good faith, and finds the answers that are faults of the server. */
export class FaultFinder {
  private readonly agent = new http.Agent({ keepAlive: true, maxSockets: AT_ONCE });

  constructor(private readonly url: string) {}

  send({ method, path, headers = {}, body }: Sent): Promise<Answer> {
    const isPush = /^\/(?:api\/push|api\/client|api\/frontend|metrics\/|v1\/)/.test(path);
    const { hostname, port } = new URL(this.url);
    return new Promise((resolve, reject) => {
      const request = http.request(
        {
          hostname,
          port,
          method,
          path,
          agent: this.agent,
          headers: { Authorization: isPush ? INGEST_TOKEN : ADMIN_TOKEN, ...headers },
        },
        (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (part: string) => (text += part));
          response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, text }));
          response.on('error', reject);
        },
      );
      request.on('error', reject);
      request.end(body);
    });
  }

  /** Returns the fault of an answer, or undefined if it has none. */
  private faultOf(sent: Sent, { status, headers, text }: Answer): string | undefined {
    const about = `${sent.method} ${sent.path.slice(0, 200)} ${JSON.stringify(sent.headers ?? {}).slice(0, 200)} ${(sent.body ?? '').slice(0, 200)}`;
    // Node.js itself answers if the headers are too long.
    if (status < 400 || status === 431) return undefined;
    if (status >= 500 && (status !== 503 || headers['retry-after'] === undefined)) {
      return `${status} for ${about}: ${text.slice(0, 300)}`;
    }
    try {
      const body = JSON.parse(text) as Record<string, unknown>;
      const isPrometheus = body.status === 'error' && typeof body.errorType === 'string' && body.error !== '';
      if (isPrometheus || (typeof body.message === 'string' && body.message !== '')) return undefined;
    } catch {
      // The check below reports this.
    }
    return `${status} without an error body for ${about}: ${text.slice(0, 300)}`;
  }

  /** Sends all requests, several at a time, and describes the answers that are faults. */
  async faultsOf(requests: readonly Sent[]): Promise<string[]> {
    const faults: string[] = [];
    let next = 0;
    const work = async () => {
      while (next < requests.length) {
        const sent = requests[next++]!;
        const fault = this.faultOf(sent, await this.send(sent));
        if (fault !== undefined) faults.push(fault);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    return faults;
  }

  close(): void {
    this.agent.destroy();
  }
}
