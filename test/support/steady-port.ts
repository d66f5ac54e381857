import { randomInt } from 'node:crypto';
import { isPortFree } from '../../src/server/embedded-postgres/free-port.js';

/** The lowest port. Systems choose ports for clients from 32768 (Linux) or 49152 upwards, and these ports are below that. */
const LOWEST = 20_000;
const HIGHEST = 32_000;
const MAX_ATTEMPTS = 1_000;

/**
 * Each worker of a test run has ports of its own, because an assigned port looks free to other workers until its server starts.
 */
const WORKERS = 16;
const WORKER = Number(process.env.JEST_WORKER_ID ?? 0) % WORKERS;

const taken = new Set<number>();

/**
 * Returns a free port of 127.0.0.1 that neither the system nor this function assigns again, so that it is still free when its
 * server restarts.
 */
export async function steadyPort(): Promise<number> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const port = randomInt(LOWEST / WORKERS, HIGHEST / WORKERS) * WORKERS + WORKER;
    if (taken.has(port) || !(await isPortFree(port))) continue;
    taken.add(port);
    return port;
  }
  throw new Error(`${MAX_ATTEMPTS} ports from ${LOWEST} to ${HIGHEST} are taken.`);
}
