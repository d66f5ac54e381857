import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../support/eventually.js';
import { PostgresCluster } from '../support/postgres-cluster.js';
import { ADMIN_TOKEN, push, scrape, startServer, type TestServer, valueOn } from '../support/server.js';

/** What the standby calls the connections of the history. */
const HISTORY_CONNECTIONS = `FROM pg_stat_activity WHERE application_name = 'custom-metrics-history'`;

describe('history on a streaming replica', () => {
  let folder: string;
  let primary: PostgresCluster;
  let standby: PostgresCluster;
  let server: TestServer;
  let pushed = 0;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'custom-metrics-replica-'));
    primary = await PostgresCluster.create(path.join(folder, 'primary'));
    await primary.start();
    standby = await primary.baseBackup(path.join(folder, 'standby'));
    await standby.follow(primary, { max_standby_streaming_delay: '100ms' });
    server = await startServer({
      DATABASE_URL: primary.url(),
      HISTORY_DATABASE_URL: standby.url(),
      // Ends what the server itself asks a locked table, so that its snapshot does not keep VACUUM from its work for long,
      // and keeps the compaction away from it.
      STORE_WAIT_MS: '3000',
      COMPACTION_INTERVAL_SECONDS: '3600',
    });
  });

  afterAll(async () => {
    await server?.kill();
    await standby?.stop();
    await primary?.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 10 });
  });

  async function pushOne(): Promise<void> {
    expect((await push(server, [{ name: 'replica_total', value: 1 }])).status).toBe(202);
    pushed++;
  }

  function ask(): Promise<Response> {
    return fetch(`${server.url}/api/history/samples?metric=replica_total`, { headers: { Authorization: ADMIN_TOKEN } });
  }

  async function askedCount(): Promise<number> {
    const response = await ask();
    expect(response.status).toBe(200);
    return ((await response.json()) as { samples: unknown[] }).samples.length;
  }

  /** Nothing but the history may notice that the replica is away. */
  async function expectOnlyHistoryIsAway(): Promise<void> {
    await pushOne();
    const response = await ask();
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('1');
    expect(await response.json()).toMatchObject({ name: 'StoreUnavailableError' });
    await pushOne();
    expect(valueOn(await scrape(server), 'replica_total')).toBe(pushed);
    expect((await fetch(`${server.url}/health/ready`)).status).toBe(200);
  }

  test('the server starts without it: 503 for the history, everything else works', async () => {
    await expectOnlyHistoryIsAway();
  });

  test('samples are read from it once it is there, and are as old as it is', async () => {
    await standby.start();
    await standby.catchUpWith(primary);
    expect(await askedCount()).toBe(pushed);
    await standby.query('SELECT pg_wal_replay_pause()');
    const shown = pushed;
    await pushOne();
    await sleep(300);
    expect(await askedCount()).toBe(shown);
    expect(valueOn(await scrape(server), 'replica_total')).toBe(pushed);
    await standby.query('SELECT pg_wal_replay_resume()');
    await standby.catchUpWith(primary);
    expect(await askedCount()).toBe(pushed);
    expect((await standby.query(`SELECT 1 ${HISTORY_CONNECTIONS}`)).length).toBeGreaterThan(0);
    expect(await primary.query(`SELECT 1 ${HISTORY_CONNECTIONS}`)).toEqual([]);
  });

  test('a query that it cancels to go on replaying is answered 503, and the next one works', async () => {
    await primary.query('CREATE TABLE junk AS SELECT generate_series(1, 1000) AS number');
    await primary.session(async (deleter) => {
      // Begun before the query's snapshot and ended after it, so that cleaning up takes away what the snapshot may see.
      await deleter.query('BEGIN; DELETE FROM junk');
      await primary.session(async (locker) => {
        // Replayed by the standby, this lock holds the query up.
        await locker.query('BEGIN; LOCK TABLE sample_batch IN ACCESS EXCLUSIVE MODE');
        await primary.query('SELECT pg_switch_wal()');
        await waitForRows(
          standby,
          `SELECT 1 FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND relation IS NOT NULL`,
        );
        let isAnswered = false;
        const asking = ask().finally(() => (isAnswered = true));
        await waitForRows(standby, `SELECT 1 ${HISTORY_CONNECTIONS} AND wait_event_type = 'Lock'`);
        await deleter.query('COMMIT');
        while (!isAnswered) {
          await primary.query('VACUUM junk');
          await sleep(100);
        }
        const response = await asking;
        expect(response.status).toBe(503);
        expect(await response.text()).toContain('40001');
        await locker.query('ROLLBACK');
      });
    });
    await standby.catchUpWith(primary);
    expect(await askedCount()).toBe(pushed);
  });

  test('stopped and started again: 503 in between, nothing else is disturbed', async () => {
    await standby.stop();
    await expectOnlyHistoryIsAway();
    await standby.start();
    await standby.catchUpWith(primary);
    expect(await askedCount()).toBe(pushed);
    expect(server.output()).toContain('History can be read again.');
  });
});

async function waitForRows(cluster: PostgresCluster, sql: string): Promise<void> {
  await eventually(async () => {
    if ((await cluster.query(sql)).length === 0) throw new Error(`No rows came: ${sql}`);
  });
}
