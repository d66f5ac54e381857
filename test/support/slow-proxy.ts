import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { listenFor } from './proxied-database.js';

/** Stands between a server and Postgres, like a network with a high latency. */
export interface SlowProxy {
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts a proxy that delivers everything late, in both directions, so that a round trip takes `roundTripMs` longer. */
export async function startSlowProxy(databaseUrl: string, roundTripMs: number): Promise<SlowProxy> {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  const pass = (from: Socket, to: Socket) => {
    sockets.add(from);
    from.on('error', () => undefined);
    // Timers of the same length fire in the order of their start, so the bytes keep their order.
    from.on('data', (bytes) => setTimeout(() => to.write(bytes), roundTripMs / 2));
    from.on('close', () => {
      sockets.delete(from);
      setTimeout(() => to.destroy(), roundTripMs / 2);
    });
  };
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    pass(client, upstream);
    pass(upstream, client);
  });
  const url = await listenFor(databaseUrl, server);
  return {
    url,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
