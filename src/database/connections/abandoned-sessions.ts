import { setTimeout as sleep } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import { poolOf } from './connection-pool.js';
import { isOutage } from '../outage.js';

/** A session that ends by itself needs a moment for it, so each is looked for more than once. */
const LOOKS = 3;
const PAUSE_MS = 1_000;

/** After an outage this long, Postgres has found out by itself (see the TCP time-outs of a transaction). */
const MAX_ATTEMPTS = 60;

/** More sessions than any pool has connections; a network that drops each new one must not fill the memory. */
const MAX_SESSIONS = 1_000;

/**
 * Ends sessions on the server whose connections were given up. Postgres would otherwise keep them, with their locks, until it
 * finds out by itself that nobody listens.
 *
 * A process id can be used again, so a session must look like the one that was left: of the same user and database, and for a
 * second in the middle of a transaction or a statement.
 */
export class AbandonedSessions {
  /** Looks and attempts that are left, by process id. */
  private readonly pending = new Map<number, { looks: number; attempts: number }>();
  private isEnding = false;

  constructor(private readonly dataSource: () => DataSource) {}

  /** Ends a session as soon as Postgres can be reached. Returns at once. */
  end(processId: number): void {
    if (this.pending.size >= MAX_SESSIONS) return;
    this.pending.set(processId, { looks: LOOKS, attempts: MAX_ATTEMPTS });
    if (!this.isEnding) void this.endAll();
  }

  private async endAll(): Promise<void> {
    this.isEnding = true;
    while (this.pending.size > 0 && poolOf(this.dataSource()) !== undefined) {
      await sleep(PAUSE_MS, undefined, { ref: false });
      const isAnswered = await this.tryToEnd();
      for (const [processId, left] of this.pending) {
        if (isAnswered) left.looks--;
        if (--left.attempts <= 0 || left.looks <= 0) this.pending.delete(processId);
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
      // Whatever else it is, such as a lack of privileges, does not pass by itself.
      return !isOutage(error);
    }
  }
}
