import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** The address at which the processes of a server reach each other. Other machines can't reach it. */
export const LOOPBACK = '127.0.0.1';

/** The header with the secret of the server's processes. */
export const SECRET_HEADER = 'x-custom-metrics-process';

/** The path at which a process shows its own metrics to the others. */
export const OWN_METRICS_PATH = '/own-metrics';

/** Returns whether a request has the secret that only the processes of this server know. */
export function hasSecret({ headers }: IncomingMessage, secret: string): boolean {
  const given = headers[SECRET_HEADER];
  if (typeof given !== 'string' || given.length !== secret.length) return false;
  return timingSafeEqual(Buffer.from(given, 'latin1'), Buffer.from(secret, 'latin1'));
}
