import type pg from 'pg';
import { eventually } from './eventually.js';

/** Waits until at least `count` sessions are blocked by locks that the transaction of `holder` holds. */
export async function untilBlocked(holder: pg.Client, count: number): Promise<void> {
  await eventually(async () => {
    const { rows } = await holder.query<{ blocked: number }>(`
      SELECT count(DISTINCT pid)::int AS blocked FROM pg_locks
      WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))`);
    expect(rows[0]!.blocked).toBeGreaterThanOrEqual(count);
  });
}

/** Waits until no other session of the client's database runs a statement or is in a transaction. */
export async function untilIdle(client: pg.Client): Promise<void> {
  await eventually(async () => {
    const { rows } = await client.query(`
      SELECT query FROM pg_stat_activity
      WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend' AND state <> 'idle'`);
    expect(rows).toEqual([]);
  });
}
