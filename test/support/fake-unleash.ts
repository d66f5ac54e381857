import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  request as httpRequest,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { INGEST_TOKEN } from './server.js';

/** A request as it arrived at the fake server. */
export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** Stands in for an Unleash server: records the requests, and gives the answers that the test has set. */
export class FakeUnleash {
  readonly seen: SeenRequest[] = [];
  answer: (request: SeenRequest, response: ServerResponse) => void = (_request, response) => response.end();
  private readonly server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method, url, headers } = request;
      const seen = { method: method!, url: url!, headers, body: Buffer.concat(chunks).toString() };
      this.seen.push(seen);
      this.answer(seen, response);
    });
  });

  async start(): Promise<void> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    if (!this.server.listening) return;
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}

export interface AskOptions {
  readonly method?: string;
  readonly token?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Buffer;
  /** The request target, if it differs from the path of the URL. */
  readonly target?: string;
}

/** Sends a request without the automatic behaviour of fetch: inflating, following redirects, and joining headers. */
export function askRaw(
  url: string,
  { method = 'GET', token = INGEST_TOKEN, headers = {}, body = '', target }: AskOptions = {},
): Promise<{ answer: IncomingMessage; body: Buffer }> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      url,
      { method, agent: false, headers: { Authorization: token, ...headers }, ...(target && { path: target }) },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('error', reject);
        answer.on('end', () => resolve({ answer, body: Buffer.concat(chunks) }));
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}
