import { once } from 'node:events';
import {
  Agent,
  createServer,
  type IncomingMessage,
  request as httpRequest,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import type { SeededRandom } from '../support/seeded-random.js';

/** The fate of a request on its way. */
type Fate = 'passed' | 'lost' | 'cut' | 'abandoned' | 'unanswered' | 'doubled';

/** The probability of each fate, in percent. The remaining requests are passed on undisturbed. */
const FATES: Readonly<Record<Exclude<Fate, 'passed'>, number>> = {
  /** No part of the request reaches a process. */
  lost: 2,
  /** The connection ends in the middle of the body. */
  cut: 2,
  /** The whole request arrives, and the connection ends before the answer. */
  abandoned: 2,
  /** The process answers, but the answer is dropped after the commit. */
  unanswered: 5,
  /** Two processes get the request at the same time, as from a proxy that retries too early. */
  doubled: 2,
};

interface BackendAnswer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/** Forwards each HTTP request to a random process, and disturbs requests as networks do. */
export class DroppingProxy {
  readonly fates: Record<Fate, number> = { passed: 0, lost: 0, cut: 0, abandoned: 0, unanswered: 0, doubled: 0 };
  private readonly server: Server;
  private readonly agent = new Agent({ keepAlive: true });
  private underway = 0;

  /**
   * @param backends the addresses of the processes; undefined for one that is down
   * @param mayDouble false if a request that arrives twice would be stored twice
   */
  constructor(
    private readonly backends: () => readonly (string | undefined)[],
    private readonly mayDouble: boolean,
    private readonly random: SeededRandom,
  ) {
    this.server = createServer((request, response) => {
      this.underway++;
      this.handle(request, response)
        .catch(() => response.destroy())
        .finally(() => this.underway--);
    });
    this.server.keepAliveTimeout = 60_000;
  }

  async start(): Promise<string> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.agent.destroy();
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  /** True if no request is on its way to a process, including those whose client has given up. */
  get isIdle(): boolean {
    return this.underway === 0;
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const fate = this.drawFate();
    this.fates[fate]++;
    const body = await readAll(request);
    if (fate === 'lost') {
      response.destroy();
      return;
    }
    if (fate === 'cut' || fate === 'abandoned') {
      await this.sendAndLeave(request, body, fate === 'cut' ? body.length >> 1 : body.length);
      response.destroy();
      return;
    }
    // The second request is awaited, so that an idle proxy means that nothing more can be stored.
    const second = fate === 'doubled' ? this.forward(request, body).catch(() => undefined) : undefined;
    try {
      const answer = await this.forward(request, body);
      if (fate === 'unanswered') response.destroy();
      else response.writeHead(answer.status, answer.headers).end(answer.body);
    } finally {
      await second;
    }
  }

  private drawFate(): Fate {
    let left = this.random.next() * 100;
    for (const [fate, share] of Object.entries(FATES) as [Exclude<Fate, 'passed'>, number][]) {
      left -= share;
      if (left < 0) return fate === 'doubled' && !this.mayDouble ? 'passed' : fate;
    }
    return 'passed';
  }

  /**
   * Picks a random process, possibly one that is down, because a real proxy takes a while to notice that.
   *
   * @returns the address of the process
   * @throws Error if the process is down
   */
  private pickBackend(): string {
    const backend = this.random.pick(this.backends());
    if (backend === undefined) throw new Error('The process is down');
    return backend;
  }

  private forward(request: IncomingMessage, body: Buffer): Promise<BackendAnswer> {
    return new Promise((resolve, reject) => {
      const { method, headers } = request;
      const target = new URL(request.url!, this.pickBackend());
      const outgoing = httpRequest(target, { method, headers, agent: this.agent }, (incoming) => {
        readAll(incoming).then((answer) => {
          resolve({ status: incoming.statusCode!, headers: incoming.headers, body: answer });
        }, reject);
      });
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }

  /** Sends the first bytes of the body, and ends the connection without waiting for an answer. */
  private sendAndLeave(request: IncomingMessage, body: Buffer, bytes: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const { method, headers } = request;
      const target = new URL(request.url!, this.pickBackend());
      const outgoing = httpRequest(target, { method, headers, agent: false });
      outgoing.on('error', reject);
      outgoing.on('close', resolve);
      outgoing.write(body.subarray(0, bytes), () => setImmediate(() => outgoing.destroy()));
    });
  }
}

async function readAll(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
