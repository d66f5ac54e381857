import { Injectable, Logger } from '@nestjs/common';
import { withDeadline } from '../../database/outage.js';
import { BackgroundLoop } from '../../scheduling/background-loop.js';
import { BackgroundLoops } from '../../scheduling/background-loops.js';
import { SessionRepository } from './session.repository.js';

const SWEEP_INTERVAL_MS = 60_000;

/** Delay before the first sweep. It is short, so that processes that run for less than a minute also take part. */
const FIRST_SWEEP_AFTER_MS = 10_000;

/**
 * Maximum number of rows that one statement removes. The limit keeps the statement short, so that no request waits long for it.
 */
const ROWS_PER_STATEMENT = 1_000;

/** Maximum time for a statement, so that a connection that hangs does not stop the sweeper. */
const STATEMENT_DEADLINE_MS = 10_000;

/**
 * Removes sessions and sign-in secrets that have expired or whose token was revoked. Every process does this, and skips rows that
 * another process is removing.
 */
@Injectable()
export class SessionSweeper {
  constructor(
    private readonly sessions: SessionRepository,
    loops: BackgroundLoops,
  ) {
    loops.add(
      new BackgroundLoop({
        name: 'remove sessions that have ended',
        logger: new Logger(SessionSweeper.name),
        intervalMs: SWEEP_INTERVAL_MS,
        firstAfterMs: FIRST_SWEEP_AFTER_MS,
        turn: () => this.sweep(),
      }),
    );
  }

  /** @returns whether there may be more to remove */
  private async sweep(): Promise<boolean> {
    const removed = await withDeadline(this.sessions.deleteEnded(ROWS_PER_STATEMENT), STATEMENT_DEADLINE_MS);
    return removed === ROWS_PER_STATEMENT;
  }
}
