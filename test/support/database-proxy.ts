import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/**
 * What happens to the next statement that carries a mark:
 *
 * - `answer-lost`: Postgres gets it and carries it out, and the connection breaks before the answer is back;
 * - `statement-lost`: the connection breaks before Postgres gets it, which the sender can't tell from the other;
 * - `held`: Postgres gets it when {@link DatabaseProxy.release} is called, and nobody hears the answer.
 */
type Fate = 'answer-lost' | 'statement-lost' | 'held';

/** Between a server and Postgres: makes the outcome of a chosen statement unknown. */
export interface DatabaseProxy {
  readonly url: string;
  /**
   * Decides what happens to the next statement that has all these texts in it; resolves when it has happened. At once all
   * other connections break, and new ones are refused until {@link reconnect}.
   */
  catchNext(marks: readonly string[], fate: Fate): Promise<void>;
  reconnect(): void;
  /** Hands the held statement to Postgres, and resolves when Postgres has answered. */
  release(): Promise<void>;
  stop(): Promise<void>;
}

/** A statement that does not come within this time never will: its text has changed. */
const CATCH_LIMIT_MS = 30_000;

export async function startDatabaseProxy(databaseUrl: string): Promise<DatabaseProxy> {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let trap: { marks: readonly string[]; fate: Fate; sprung: () => void } | undefined;
  let held: { upstream: Socket; chunk: Buffer } | undefined;
  let isRefusing = false;

  const server = createServer((client) => {
    if (isRefusing) {
      client.destroy();
      return;
    }
    const upstream = connect(Number(target.port), target.hostname);
    let isDeaf = false;
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => sockets.delete(socket));
    }
    client.on('close', () => upstream !== held?.upstream && upstream.destroy());
    upstream.on('close', () => client.destroy());
    upstream.on('data', (chunk) => {
      if (isDeaf) client.destroy();
      else client.write(chunk);
    });
    client.on('data', (chunk) => {
      if (trap === undefined || !trap.marks.every((mark) => chunk.includes(mark))) {
        upstream.write(chunk);
        return;
      }
      const { fate, sprung } = trap;
      trap = undefined;
      isDeaf = true;
      isRefusing = true;
      for (const socket of sockets) if (socket !== client && socket !== upstream) socket.destroy();
      if (fate === 'answer-lost') upstream.write(chunk);
      else if (fate === 'statement-lost') client.destroy();
      else held = { upstream, chunk };
      if (fate === 'answer-lost') client.once('close', sprung);
      else sprung();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    catchNext: (marks, fate) =>
      new Promise((resolve, reject) => {
        const limit = setTimeout(
          () => reject(new Error(`No statement with ${marks.join(' and ')} came.`)),
          CATCH_LIMIT_MS,
        );
        const sprung = () => {
          clearTimeout(limit);
          resolve();
        };
        trap = { marks, fate, sprung };
      }),
    reconnect: () => {
      isRefusing = false;
    },
    release: async () => {
      const { upstream, chunk } = held!;
      const answered = once(upstream, 'data');
      upstream.write(chunk);
      await answered;
      held = undefined;
    },
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
