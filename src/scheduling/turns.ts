/** How long work may hold the event loop before other requests are looked at: a push that waits 10 ms is not noticed. */
const TURN_MS = 10;

/** Work that waits for its turn, in the order in which it began to wait. */
const waiting: (() => void)[] = [];

/** When the present turn began; undefined between two turns. */
let startedAt: number | undefined;

/** Whether {@link nextTurn} is scheduled. */
let isScheduled = false;

/**
 * Ends the present turn and lets the next work continue. Node looks for incoming requests between two calls, because each
 * is scheduled by the one before.
 */
function nextTurn(): void {
  isScheduled = false;
  const resume = waiting.shift();
  startedAt = resume === undefined ? undefined : performance.now();
  if (resume === undefined) return;
  resume();
  schedule();
}

function schedule(): void {
  if (isScheduled) return;
  isScheduled = true;
  setImmediate(nextTurn);
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

  /** Call it often; it waits only when the turn is over. */
  async give(): Promise<void> {
    if (!isTurnOver()) return;
    await new Promise<void>((resolve) => {
      waiting.push(resolve);
      schedule();
    });
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
