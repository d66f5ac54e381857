import { randomInt } from 'node:crypto';
import { isPortFree } from '../../src/server/embedded-postgres/free-port.js';

/** Below the ports that systems hand out to who asks for any, from 32768 on (Linux) or from 49152. */
const LOWEST = 20_000;
const HIGHEST = 32_000;

/** A free port of 127.0.0.1 that nobody gets by chance, so that it is still free when its server comes back after a stop. */
export async function steadyPort(): Promise<number> {
  for (;;) {
    const port = randomInt(LOWEST, HIGHEST);
    if (await isPortFree(port)) return port;
  }
}
