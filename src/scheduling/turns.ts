/**
 * The time for which work may block the event loop before other requests are served. A client does not notice a wait of 10 ms.
 */
const TURN_MS = 10;

/**
 * A round of the event loop that takes less than this had nothing to do, because accepting a connection or reading from a socket
 * takes longer.
 */
const IDLE_ROUND_MS = 0.02;

/** Work that waits for its turn, longest wait first. */
const waiting: (() => void)[] = [];

/** The time at which the current turn began; undefined between two turns. */
let startedAt: number | undefined;

/** True if the end of the current turn is scheduled. */
let isScheduled = false;

/**
 * Ends the current turn, and resumes the next work once the event loop has nothing else to do, or has had as much time as the
 * turn took. A turn can be long, because parsing a large body may take a hundred milliseconds.
 *
 * One round of the loop is not enough, because libuv accepts a single connection per round. With a turn in every round, more than
 * a hundred new connections a second would form a queue that grows until the work ends.
 */
function endTurn(): void {
  if (waiting.length === 0) {
    isScheduled = false;
    startedAt = undefined;
    return;
  }
  const endedAt = performance.now();
  // If no turn has begun yet, one begins now.
  startedAt ??= endedAt;
  const turnMs = endedAt - startedAt;
  if (turnMs < TURN_MS) {
    // The work that had the turn used only a small part of it, for instance for one write to a socket.
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

/** Returns whether the current turn is over, regardless of which work has used it up. If there is no current turn, one begins. */
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
 * has waited longest continues. If each task had its own turn, a hundred long requests would together block the event loop for a
 * hundred turns.
 */
export class Turns {
  constructor() {
    isTurnOver();
  }

  /** True if the turn is over. Reading this is cheaper than awaiting a promise. */
  get isUp(): boolean {
    return isTurnOver();
  }

  /** Waits for a new turn. Callers use this method before work that takes a long time and can't be interrupted. */
  next(): Promise<void> {
    return new Promise((resolve) => {
      waiting.push(resolve);
      schedule();
    });
  }

  /** Waits for the next turn if the current one is over. Long work should call it often. */
  async give(): Promise<void> {
    if (isTurnOver()) await this.next();
  }
}

/** Runs long work to completion, and may give other work a turn at each of its steps. */
export async function inTurns<T>(steps: Generator<void, T>): Promise<T> {
  const turns = new Turns();
  for (;;) {
    // The check also precedes the first step. Otherwise many tasks that begin at the same time would each take a turn.
    if (turns.isUp) await turns.give();
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}
