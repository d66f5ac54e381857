import { setTimeout as sleep } from 'node:timers/promises';

/** A net for what never comes. What comes takes a fraction of a second, and on a busy machine longer. */
const LIMIT_MS = 20_000;

/** Runs a check again and again until it passes; throws what it threw last if it never does. */
export async function eventually(check: () => Promise<void>): Promise<void> {
  for (const deadline = Date.now() + LIMIT_MS; ; await sleep(50)) {
    try {
      await check();
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
  }
}
