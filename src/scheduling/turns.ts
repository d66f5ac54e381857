/** How long work may hold the event loop before other requests are looked at: a push that waits 10 ms is not noticed. */
const TURN_MS = 10;

/**
 * A round of the event loop that takes less time than this has found nothing to do: accepting a connection or reading from a
 * socket takes longer.
 */
const IDLE_ROUND_MS = 0.02;

/** Work that waits for its turn, in the order in which it began to wait. */
const waiting: (() => void)[] = [];

/** When the present turn began; undefined between two turns. */
let startedAt: number | undefined;

/** Whether the end of the present turn is scheduled. */
let isScheduled = false;

/**
 * Ends the present turn, and lets the next work continue when the event loop has nothing else to do, or has had as much time for it
 * as the turn took: parsing a large body may take a hundred milliseconds.
 *
 * One round of the loop is not enough: libuv accepts a single connection in each. With a turn in every round, more than a
 * hundred new connections a second would wait in a queue that grows for as long as the work lasts.
 */
function endTurn(): void {
  const endedAt = performance.now();
  const restMs = Math.max(TURN_MS, endedAt - (startedAt ?? endedAt));
  if (waiting.length === 0) {
    isScheduled = false;
    startedAt = undefined;
    return;
  }
  let roundStartedAt = endedAt;
  const lookAround = () => {
    const now = performance.now();
    const isIdle = now - roundStartedAt < IDLE_ROUND_MS;
    if (isIdle || now - endedAt >= restMs) {
      startNextTurn(now);
      return;
    }
    roundStartedAt = now;
    setImmediate(lookAround);
  };
  setImmediate(lookAround);
}

function startNextTurn(now: number): void {
  startedAt = now;
  waiting.shift()!();
  setImmediate(endTurn);
}

function schedule(): void {
  if (isScheduled) return;
  isScheduled = true;
  setImmediate(endTurn);
}

/** Whether the present turn is over, whoever used it up. */
function isTurnOver(): boolean {
  const now = performance.now();
  if (startedAt === undefined) {
    startedAt = now;
    schedule();
  }
  return now - startedAt >= TURN_MS;
}

/**
 * Gives others a turn within long work.
 *
 * All long work of the process shares one turn of some milliseconds, then incoming requests are looked at, then whoever has
 * waited longest continues. With a turn for each of them, a hundred long requests would together hold the event loop for a
 * hundred turns.
 */
export class Turns {
  constructor() {
    isTurnOver();
  }

  /** Whether it is time to give one: cheaper to ask than a promise. */
  get isUp(): boolean {
    return isTurnOver();
  }

  /** Waits for a whole turn, before work that takes long and cannot be interrupted. */
  next(): Promise<void> {
    return new Promise((resolve) => {
      waiting.push(resolve);
      schedule();
    });
  }

  /** Call it often; it waits only when the turn is over. */
  async give(): Promise<void> {
    if (isTurnOver()) await this.next();
  }
}

/** Does long work to its end, which has a step wherever others may have a turn. */
export async function inTurns<T>(steps: Generator<void, T>): Promise<T> {
  const turns = new Turns();
  for (;;) {
    // Also before the first step: of many that begin at the same time, each would take one.
    if (turns.isUp) await turns.give();
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}
