import { Agent, type IncomingHttpHeaders, request as httpRequest } from 'node:http';

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface HttpRequest {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  readonly timeoutMs: number;
}

/**
 * An agent for pushes only. A service may end an idle connection just when a query is sent on it, which would look like a
 * failure.
 */
const pushAgent = new Agent({ keepAlive: true });

/** Closes idle connections, which would keep the process of the test running. */
export function closeIdleConnections(): void {
  pushAgent.destroy();
}

/**
 * Sends one request, without automatic retries, because every repetition in the test is intended.
 *
 * @throws Error if the connection breaks or the time is up, so that the outcome is unknown
 */
export function send(url: string, { method = 'GET', headers = {}, body, timeoutMs }: HttpRequest): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(timeoutMs);
    const length = body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) };
    const agent = method === 'POST' ? pushAgent : false;
    const request = httpRequest(url, { method, headers: { ...headers, ...length }, agent, signal }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        resolve({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(chunks).toString() });
      });
    });
    request.on('error', reject);
    request.end(body);
  });
}
