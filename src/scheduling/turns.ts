/** How long work may block the event loop before other requests are served: a push that waits 10 ms is not noticed. */
const TURN_MS = 10;

/**
 * A round of the event loop that takes less time than this had nothing to do: accepting a connection or reading from a socket
 * takes longer.
 */
const IDLE_ROUND_MS = 0.02;

/** Work that waits for its turn, in the order in which it started to wait. */
const waiting: (() => void)[] = [];

/** When the current turn began; undefined between two turns. */
let startedAt: number | undefined;

/** Whether the end of the current turn is scheduled. */
let isScheduled = false;

/**
 * Ends the current turn, and lets the next work continue once the event loop has nothing else to do, or has had as much time as
 * the turn took: parsing a large body may take a hundred milliseconds.
 *
 * One round of the loop is not enough, because libuv accepts a single connection per round. With a turn in every round, more than
 * a hundred new connections a second would wait in a queue that grows for as long as the work lasts.
 */
function endTurn(): void {
  if (waiting.length === 0) {
    isScheduled = false;
    startedAt = undefined;
    return;
  }
  const endedAt = performance.now();
  const turnMs = endedAt - (startedAt ?? endedAt);
  if (turnMs < TURN_MS) {
    // Whoever had the turn needed little of it, such as one write to a socket.
    resumeNext();
    return;
  }
  let roundStartedAt = endedAt;
  const lookAround = () => {
    const now = performance.now();
    const isIdle = now - roundStartedAt < IDLE_ROUND_MS;
    if (isIdle || now - endedAt >= turnMs) {
      startedAt = now;
      resumeNext();
      return;
    }
    roundStartedAt = now;
    setImmediate(lookAround);
  };
  setImmediate(lookAround);
}

function resumeNext(): void {
  waiting.shift()!();
  setImmediate(endTurn);
}

function schedule(): void {
  if (isScheduled) return;
  isScheduled = true;
  setImmediate(endTurn);
}

/** Whether the current turn is over, whichever work has used it up. */
function isTurnOver(): boolean {
  const now = performance.now();
  if (startedAt === undefined) {
    startedAt = now;
    schedule();
  }
  return now - startedAt >= TURN_MS;
}

/**
 * Lets other work run during long work.
 *
 * All long work of the process shares one turn of a few milliseconds. Then incoming requests are served, and then the work that
 * has waited longest continues. If each had its own turn, a hundred long requests would together block the event loop for a
 * hundred turns.
 */
export class Turns {
  constructor() {
    isTurnOver();
  }

  /** Whether the turn is over. Checking this is cheaper than awaiting a promise. */
  get isUp(): boolean {
    return isTurnOver();
  }

  /** Waits for a new turn. Call it before work that takes long and cannot be interrupted. */
  next(): Promise<void> {
    return new Promise((resolve) => {
      waiting.push(resolve);
      schedule();
    });
  }

  /** Waits for the next turn if the current one is over. Call it often. */
  async give(): Promise<void> {
    if (isTurnOver()) await this.next();
  }
}

/** Runs long work to completion; others may get a turn at each of its steps. */
export async function inTurns<T>(steps: Generator<void, T>): Promise<T> {
  const turns = new Turns();
  for (;;) {
    // The check also comes before the first step: otherwise each of many that begin at the same time would take a turn.
    if (turns.isUp) await turns.give();
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}
