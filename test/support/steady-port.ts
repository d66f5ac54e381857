import { randomInt } from 'node:crypto';
import { isPortFree } from '../../src/server/embedded-postgres/free-port.js';

/** The lowest port. Systems choose ports for clients from 32768 (Linux) or 49152 upwards, and these ports are below that. */
const LOWEST = 20_000;
const HIGHEST = 32_000;
const MAX_ATTEMPTS = 1_000;

/**
 * Returns a free port of 127.0.0.1 that the system does not assign to other programs, so that it is still free when its server
 * restarts.
 */
export async function steadyPort(): Promise<number> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const port = randomInt(LOWEST, HIGHEST);
    if (await isPortFree(port)) return port;
  }
  throw new Error(`${MAX_ATTEMPTS} ports from ${LOWEST} to ${HIGHEST} are taken.`);
}
