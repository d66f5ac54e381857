import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A proxy that publishes a server under a path prefix, and removes the prefix from the paths. */
export interface PrefixProxy {
  /** The URL of the prefix, with a slash at its end. */
  readonly url: string;
  stop(): void;
}

/** @param prefix the prefix with slashes at both ends */
export async function startPrefixProxy(target: string, prefix: string): Promise<PrefixProxy> {
  const server = createServer((incoming, outgoing) => {
    const { url = '/', method, headers } = incoming;
    if (!url.startsWith(prefix)) return void outgoing.writeHead(404).end('outside of the prefix');
    const forwarded = request(target + url.slice(prefix.length - 1), { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(outgoing);
    });
    forwarded.on('error', () => outgoing.destroy());
    incoming.pipe(forwarded);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${prefix}`,
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
