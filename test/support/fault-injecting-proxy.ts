import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { listenFor } from './proxied-database.js';

/** Forwards connections between a server and Postgres, and disturbs chosen ones without telling either side. */
export interface FaultInjectingProxy {
  readonly url: string;
  /** Number of statements that {@link refuse} has refused. */
  readonly refused: number;
  /**
   * Replaces every statement that contains this text by one that fails. The original statement is not executed, and a transaction
   * is aborted but not ended. Undefined ends the replacement.
   */
  refuse(text: string | undefined): void;
  /** Drops the bytes of every connection in both directions, without closing anything. New connections are silenced as well. */
  silence(): void;
  /**
   * Silences the connection of the next statement that contains one of these texts, from this statement on. Resolves when this
   * has happened.
   */
  silenceNext(...texts: string[]): Promise<void>;
  /** Allows new connections again. Those that were silenced stay silent. */
  allowNew(): void;
  /** From now on, new connections go to this port, as after a failover. Existing connections stay. */
  switchTo(port: number): void;
  stop(): Promise<void>;
}

const SIMPLE_QUERY = 'Q'.charCodeAt(0);
const PARSE = 'P'.charCodeAt(0);

/** Maximum time to wait for a statement. If it does not come within this time, its text has probably changed. */
const SILENCE_LIMIT_MS = 30_000;

/** A statement that fails in every state of a session. If a transaction is open, it is aborted. */
const FAILING_STATEMENT = message(
  'Q',
  Buffer.from(`DO $$ BEGIN RAISE 'no space left' USING ERRCODE = '53100'; END $$\0`),
);

export async function startFaultInjectingProxy(databaseUrl: string): Promise<FaultInjectingProxy> {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  const silent = new Set<Socket>();
  const connections = new Set<Socket>();
  let port = Number(target.port);
  let refusedText: string | undefined;
  let refused = 0;
  let isSilent = false;
  let trap: { texts: readonly string[]; sprung: () => void } | undefined;

  const server = createServer((client) => {
    const upstream = connect(port, target.hostname);
    connections.add(client);
    if (isSilent) silent.add(client);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => sockets.delete(socket));
    }
    // A silent connection transmits nothing, not even the end of the other side.
    client.on('close', () => (silent.has(client) ? undefined : upstream.destroy()));
    upstream.on('close', () => (silent.has(client) ? undefined : client.destroy()));
    upstream.on('data', (chunk) => (silent.has(client) ? undefined : client.write(chunk)));
    client.on('data', (chunk) => {
      if (trap?.texts.some((text) => chunk.includes(text))) {
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
  const url = await listenFor(databaseUrl, server);
  return {
    url,
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
    silenceNext: (...texts) =>
      new Promise((resolve, reject) => {
        const limit = setTimeout(
          () => reject(new Error(`No statement with ${texts.join(' or ')} came.`)),
          SILENCE_LIMIT_MS,
        );
        const sprung = () => {
          clearTimeout(limit);
          resolve();
        };
        trap = { texts, sprung };
      }),
    allowNew: () => {
      isSilent = false;
    },
    switchTo: (newPort) => {
      port = newPort;
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
