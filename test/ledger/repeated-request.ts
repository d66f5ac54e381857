import { setTimeout as sleep } from 'node:timers/promises';
import type { SeededRandom } from '../support/seeded-random.js';
import type { Fleet } from './fleet.js';

/** Maximum time for the answer to one attempt. */
export const ATTEMPT_TIMEOUT_MS = 15_000;

const GIVE_UP_MS = 90_000;
const PAUSE_MS = 200;

/** A request of an administrator to any process. */
export interface RepeatedRequest<Outcome> {
  /** The longest time between the first attempt and the kill of its process; undefined to kill nothing. */
  readonly killWithinMs: number | undefined;
  /**
   * Sends the request to a process.
   *
   * @param isLost true if the answer to an earlier attempt was lost
   * @returns undefined if the outcome is not known yet
   */
  readonly send: (url: string, isLost: boolean) => Promise<Outcome | undefined>;
}

/**
 * Repeats a request until its outcome is known, because a lost answer does not say what has happened. Each attempt goes to a process
 * that is chosen at random.
 *
 * @returns undefined if there was no outcome within a minute and a half
 */
export async function untilAnswered<Outcome>(
  { killWithinMs, send }: RepeatedRequest<Outcome>,
  fleet: Fleet,
  random: SeededRandom,
): Promise<Outcome | undefined> {
  let isLost = false;
  let isKilling = killWithinMs !== undefined;
  for (const giveUpAt = Date.now() + GIVE_UP_MS; Date.now() < giveUpAt; await sleep(PAUSE_MS)) {
    const index = random.integer(0, fleet.size - 1);
    const url = fleet.urls[index];
    if (url === undefined) continue;
    const answer = send(url, isLost);
    if (isKilling) {
      isKilling = false;
      isLost = true;
      await sleep(random.integer(0, killWithinMs!));
      await fleet.kill(index);
      await answer;
      await fleet.start(index);
      continue;
    }
    const outcome = await answer;
    if (outcome !== undefined) return outcome;
    isLost = true;
  }
  return undefined;
}
