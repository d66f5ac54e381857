import { setImmediate as nextTurn } from 'node:timers/promises';

/** How long one request may hold the event loop: a push that waits 10 ms behind it is not noticed. */
const TURN_MS = 10;

/** Gives others a turn within long work. */
export class Turns {
  private startedAt = performance.now();

  /** Call it often; it waits only when the time is up. */
  async give(): Promise<void> {
    if (performance.now() - this.startedAt < TURN_MS) return;
    await nextTurn();
    this.startedAt = performance.now();
  }
}
