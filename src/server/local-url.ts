/**
 * Returns the URL of a listener for clients on the same machine.
 *
 * @param host the address that it listens on
 */
export function localUrl(host: string, port: number): string {
  const isAny = host === '0.0.0.0' || host === '::';
  return `http://${isAny ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host}:${port}`;
}
