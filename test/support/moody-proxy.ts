import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  request as httpRequest,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** What the proxy does to requests: hand them on, with a delay before the answer, or answer itself. */
export type Mood =
  | { readonly kind: 'kind' }
  | { readonly kind: 'slow'; readonly delayMs: number }
  | { readonly kind: 'refusing'; readonly status: number };

/** A post that the service got, and how it answered. */
export interface Delivery {
  readonly path: string;
  readonly body: string;
  readonly status: number;
}

/** Between an SDK and the service: makes the service slow or overloaded at will, and knows what was delivered. */
export class MoodyProxy {
  mood: Mood = { kind: 'kind' };
  /** Posts that the service answered, also those whose answer the SDK did not wait for. */
  readonly deliveries: Delivery[] = [];
  /** Posts of metrics that came here. */
  posts = 0;
  private readonly server: Server;

  /** @param target address of the service; it may go away and come back there */
  constructor(private readonly target: string) {
    this.server = createServer((request, response) => {
      this.answer(request, response).catch(() => response.destroy());
    });
  }

  async start(): Promise<void> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { mood } = this;
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const isPost = request.method === 'POST' && request.url!.endsWith('/client/metrics');
    if (isPost) this.posts++;
    if (mood.kind === 'refusing' && isPost) {
      response.writeHead(mood.status, { 'Retry-After': '1' }).end();
      return;
    }
    const answer = await this.send(request, body);
    if (isPost) this.deliveries.push({ path: request.url!, body: body.toString(), status: answer.status });
    if (mood.kind === 'slow' && isPost) await sleep(mood.delayMs);
    response.writeHead(answer.status, answer.headers).end(answer.body);
  }

  private send(
    request: IncomingMessage,
    body: Buffer,
  ): Promise<{ status: number; headers: IncomingMessage['headers']; body: Buffer }> {
    return new Promise((resolve, reject) => {
      const { method, url, headers } = request;
      const outgoing = httpRequest(this.target + url!, { method, headers, agent: false }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('error', reject);
        answer.on('end', () => {
          resolve({ status: answer.statusCode!, headers: answer.headers, body: Buffer.concat(chunks) });
        });
      });
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }
}
