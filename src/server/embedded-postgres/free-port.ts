import { createServer } from 'node:net';

/** Finds a free port on 127.0.0.1, if possible the preferred one. Another program may still take it, so the caller retries. */
export async function findFreePort(preferred: number | undefined): Promise<number> {
  if (preferred !== undefined && (await tryListen(preferred))) return preferred;
  const port = await tryListen(0);
  if (!port) throw new Error('This machine has no free port on 127.0.0.1');
  return port;
}

/** Returns whether nothing listens on this port of 127.0.0.1. */
export async function isPortFree(port: number): Promise<boolean> {
  return (await tryListen(port)) !== undefined;
}

function tryListen(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? address?.port : undefined));
    });
  });
}
