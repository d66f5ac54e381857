import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Forwards HTTP requests, and drops some of the answers. */
export class AnswerDroppingProxy {
  /** The address that requests are forwarded to; undefined cuts every connection. */
  backend: string | undefined;
  /** One out of this number of answers is lost; 0 loses none. */
  dropEvery = 0;
  /** Answers for the next requests, which are not forwarded. */
  refusals: { status: number; retryAfterSeconds: number }[] = [];
  dropped = 0;
  /** The number of answers that the server has marked as a replay. */
  replayed = 0;
  url = '';
  private answers = 0;
  private readonly server: Server = createServer((request, response) => {
    this.pass(request, response).catch(() => response.destroy());
  });

  async start(backend: string): Promise<void> {
    this.backend = backend;
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    this.url = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  private async pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const refusal = this.refusals.shift();
    if (refusal !== undefined) {
      response.writeHead(refusal.status, { 'Retry-After': refusal.retryAfterSeconds }).end();
      return;
    }
    const headers = new Headers();
    for (const name of ['authorization', 'content-type', 'content-encoding', 'idempotency-key']) {
      const value = request.headers[name];
      if (typeof value === 'string') headers.set(name, value);
    }
    if (this.backend === undefined) throw new Error('The server is away');
    const answer = await fetch(this.backend + request.url, { method: 'POST', headers, body: Buffer.concat(chunks) });
    const body = await answer.text();
    if (answer.headers.get('idempotency-replayed') === 'true') this.replayed++;
    // The whole answer has arrived here, so the server has committed.
    if (this.dropEvery > 0 && ++this.answers % this.dropEvery === 0) {
      this.dropped++;
      response.destroy();
      return;
    }
    response.writeHead(answer.status).end(body);
  }
}
