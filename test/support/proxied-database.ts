import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';

/**
 * Makes a proxy listen on any free port.
 *
 * @returns the connection string of the database by way of the proxy
 */
export async function listenFor(databaseUrl: string | URL, proxy: Server): Promise<string> {
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String((proxy.address() as AddressInfo).port);
  return url.href;
}
