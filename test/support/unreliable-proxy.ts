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

/** The behaviour of the proxy: it forwards requests, forwards them and delays the answers, or refuses them itself. */
export type ProxyBehaviour =
  | { readonly kind: 'forwarding' }
  | { readonly kind: 'slow'; readonly delayMs: number }
  | { readonly kind: 'refusing'; readonly status: number };

/** A post that the service has received, and its answer. */
export interface Delivery {
  readonly path: string;
  readonly body: string;
  readonly status: number;
}

/**
 * Forwards the requests of an SDK to the service, makes the service seem slow or overloaded, and records the deliveries.
 */
export class UnreliableProxy {
  behaviour: ProxyBehaviour = { kind: 'forwarding' };
  /** The posts that the service has answered, including those whose answer the SDK did not wait for. */
  readonly deliveries: Delivery[] = [];
  /** The number of posts of metrics that have arrived. */
  posts = 0;
  private readonly server: Server;

  /** @param target the address of the service, which may stop and start there again */
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
    const { behaviour } = this;
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const isPost = request.method === 'POST' && request.url!.endsWith('/client/metrics');
    if (isPost) this.posts++;
    if (behaviour.kind === 'refusing' && isPost) {
      response.writeHead(behaviour.status, { 'Retry-After': '1' }).end();
      return;
    }
    const answer = await this.send(request, body);
    if (isPost) this.deliveries.push({ path: request.url!, body: body.toString(), status: answer.status });
    if (behaviour.kind === 'slow' && isPost) await sleep(behaviour.delayMs);
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
