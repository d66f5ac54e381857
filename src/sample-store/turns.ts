import { setImmediate as nextTurn } from 'node:timers/promises';

/** How long one request may hold the event loop: a push that waits 10 ms behind it is not noticed. */
const TURN_MS = 10;

/** Gives others a turn within long work. */
export class Turns {
  private startedAt = performance.now();

  /** Whether it is time to give one: cheaper to ask than a promise. */
  get isUp(): boolean {
    return performance.now() - this.startedAt >= TURN_MS;
  }

  /** Call it often; it waits only when the time is up. */
  async give(): Promise<void> {
    if (!this.isUp) return;
    await nextTurn();
    this.startedAt = performance.now();
  }
}

/** Does long work to its end, which has a step wherever others may have a turn. */
export async function inTurns<T>(steps: Generator<void, T>): Promise<T> {
  const turns = new Turns();
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    if (turns.isUp) await turns.give();
  }
}
