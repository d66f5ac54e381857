import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { listenFor } from './proxied-database.js';

/**
 * The fate of the next statement that contains the marks:
 *
 * - `answer-lost`: Postgres executes it, and the connection breaks before the answer is passed on;
 * - `statement-lost`: the connection breaks before Postgres gets it, which the sender can't distinguish from the first case;
 * - `held`: Postgres gets it when {@link DatabaseProxy.release} is called, and the answer is discarded.
 */
type Fate = 'answer-lost' | 'statement-lost' | 'held';

/** A proxy between a server and Postgres that makes the outcome of a chosen statement unknown. */
export interface DatabaseProxy {
  readonly url: string;
  /**
   * Chooses the fate of the next statement that contains all these texts. The promise resolves when it has happened. At that
   * moment all other connections break, and new ones are refused until {@link reconnect}.
   */
  catchNext(marks: readonly string[], fate: Fate): Promise<void>;
  reconnect(): void;
  /** Sends the held statement to Postgres, and resolves when Postgres has answered. */
  release(): Promise<void>;
  stop(): Promise<void>;
}

/** Maximum time to wait for a statement. If it does not come within this time, its text has probably changed. */
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
  const url = await listenFor(databaseUrl, server);
  return {
    url,
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
