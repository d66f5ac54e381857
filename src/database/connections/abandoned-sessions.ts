import { setTimeout as sleep } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import { poolOf } from './connection-pool.js';
import { isOutage } from '../outage.js';

/**
 * The number of checks for each session. One is not enough, because a session matches only after it has been in the same state
 * for a second.
 */
const CHECKS_PER_SESSION = 3;
const PAUSE_MS = 1_000;

/**
 * Maximum number of attempts, one a second. After an outage of this length, Postgres has noticed by its own TCP time-outs that
 * the client has gone.
 */
const MAX_ATTEMPTS = 60;

/**
 * Maximum number of sessions that wait to be ended, which is more than any pool has. Without this limit, a network that drops
 * each new connection would fill the memory.
 */
const MAX_SESSIONS = 1_000;

/**
 * Ends sessions on the server whose connections were given up. Postgres would otherwise keep them and their locks until it
 * notices that the client has gone.
 *
 * A process id can be reused, so a session is ended only if it looks like the abandoned one: it belongs to the same user and
 * database, is not idle, and has been in the same state for a second.
 */
export class AbandonedSessions {
  /** The remaining checks and attempts by process id. */
  private readonly pending = new Map<number, { checks: number; attempts: number }>();
  private isEnding = false;

  constructor(private readonly dataSource: () => DataSource) {}

  /** Ends a session in the background, as soon as Postgres can be reached. */
  end(processId: number): void {
    if (this.pending.size >= MAX_SESSIONS) return;
    this.pending.set(processId, { checks: CHECKS_PER_SESSION, attempts: MAX_ATTEMPTS });
    if (!this.isEnding) void this.endAll();
  }

  private async endAll(): Promise<void> {
    this.isEnding = true;
    while (this.pending.size > 0 && poolOf(this.dataSource()) !== undefined) {
      await sleep(PAUSE_MS, undefined, { ref: false });
      const isAnswered = await this.tryToEnd();
      for (const [processId, left] of this.pending) {
        if (isAnswered) left.checks--;
        if (--left.attempts <= 0 || left.checks <= 0) this.pending.delete(processId);
      }
    }
    this.isEnding = false;
  }

  /** @returns whether Postgres answered */
  private async tryToEnd(): Promise<boolean> {
    try {
      const ended: { pid: number }[] = await this.dataSource().query(
        `SELECT pid, pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE pid = ANY($1::int[]) AND usename = current_user AND datname = current_database()
           AND pid <> pg_backend_pid() AND state <> 'idle' AND state_change < clock_timestamp() - interval '1 second'`,
        [[...this.pending.keys()]],
      );
      for (const { pid } of ended) this.pending.delete(pid);
      return true;
    } catch (error) {
      // Any other error, such as a missing privilege, counts as an answer, because trying again would not help.
      return !isOutage(error);
    }
  }
}
