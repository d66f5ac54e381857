import { setTimeout as sleep } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import { poolOf } from './connection-pool.js';
import { isOutage } from '../outage.js';

/** The number of checks for each session, because a session may take a moment to match or to end by itself. */
const LOOKS = 3;
const PAUSE_MS = 1_000;

/** Maximum number of attempts. After an outage of this many seconds Postgres has noticed the loss itself (by TCP time-outs). */
const MAX_ATTEMPTS = 60;

/** Above the size of any pool. The limit prevents a network that drops each new connection from filling the memory. */
const MAX_SESSIONS = 1_000;

/**
 * Ends sessions on the server whose connections were given up. Postgres would otherwise keep them and their locks until it
 * notices by itself that the client has gone.
 *
 * A process id can be reused, so a session is ended only if it looks like the abandoned one: it belongs to the same user and
 * database, and has been in a transaction or statement for a second.
 */
export class AbandonedSessions {
  /** The remaining checks and attempts by process id. */
  private readonly pending = new Map<number, { looks: number; attempts: number }>();
  private isEnding = false;

  constructor(private readonly dataSource: () => DataSource) {}

  /** Ends a session in the background, as soon as Postgres can be reached. */
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
      // Any other error, such as a missing privilege, does not pass by itself.
      return !isOutage(error);
    }
  }
}
