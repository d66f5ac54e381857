import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Stands between a server and Postgres, and spoils chosen connections without telling either side. */
export interface MeddlingProxy {
  readonly url: string;
  /** Number of statements that {@link refuse} has refused. */
  readonly refused: number;
  /**
   * Replaces every statement that has this text in it by one that fails: what was asked for does not happen, and a transaction is
   * aborted but not ended. Undefined ends it.
   */
  refuse(text: string | undefined): void;
  /** Holds the bytes of every connection in both directions, without closing anything. New connections are held as well. */
  silence(): void;
  /** Resolves when a statement with this text has been held, together with everything after it on its connection. */
  silenceNext(text: string): Promise<void>;
  /** Lets new connections through again. Those that were silenced stay silent. */
  allowNew(): void;
  stop(): Promise<void>;
}

const SIMPLE_QUERY = 'Q'.charCodeAt(0);
const PARSE = 'P'.charCodeAt(0);

/** Fails in every state of a session, and leaves an aborted transaction behind if there is one. */
const FAILING_STATEMENT = message(
  'Q',
  Buffer.from(`DO $$ BEGIN RAISE 'no space left' USING ERRCODE = '53100'; END $$\0`),
);

export async function startMeddlingProxy(databaseUrl: string): Promise<MeddlingProxy> {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  const silent = new Set<Socket>();
  const connections = new Set<Socket>();
  let refusedText: string | undefined;
  let refused = 0;
  let isSilent = false;
  let trap: { text: string; sprung: () => void } | undefined;

  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    connections.add(client);
    if (isSilent) silent.add(client);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => sockets.delete(socket));
    }
    // A silent connection hears of nothing, the end of the other side included.
    client.on('close', () => (silent.has(client) ? undefined : upstream.destroy()));
    upstream.on('close', () => (silent.has(client) ? undefined : client.destroy()));
    upstream.on('data', (chunk) => (silent.has(client) ? undefined : client.write(chunk)));
    client.on('data', (chunk) => {
      if (trap !== undefined && chunk.includes(trap.text)) {
        silent.add(client);
        trap.sprung();
        trap = undefined;
      }
      if (silent.has(client)) return;
      const isStatement = chunk[0] === SIMPLE_QUERY || chunk[0] === PARSE;
      if (refusedText !== undefined && isStatement && chunk.includes(refusedText)) {
        refused++;
        upstream.write(FAILING_STATEMENT);
      } else upstream.write(chunk);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    get refused() {
      return refused;
    },
    refuse: (text) => {
      refusedText = text;
    },
    silence: () => {
      isSilent = true;
      for (const client of connections) silent.add(client);
    },
    silenceNext: (text) =>
      new Promise((resolve) => {
        trap = { text, sprung: resolve };
      }),
    allowNew: () => {
      isSilent = false;
    },
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function message(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}
