import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { eventually } from '../support/eventually.js';
import { PostgresCluster } from '../support/postgres-cluster.js';
import { ADMIN_TOKEN, push, scrape, startServer, type TestServer, valueOn } from '../support/server.js';

/** Selects the connections that the history has to a Postgres. */
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
      // The short wait limits the server's statements on a locked table, so that their snapshots do not delay VACUUM for long.
      // The server does not compact.
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

  /** Checks that only the history notices that the replica is unavailable. */
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

  test('samples are read from it once it is available, and are as old as its data', async () => {
    await standby.start();
    await standby.catchUpWith(primary);
    expect(await askedCount()).toBe(pushed);
    await standby.query('SELECT pg_wal_replay_pause()');
    const shown = pushed;
    await pushOne();
    // The standby has the sample, and does not show it.
    const [{ lsn }] = (await primary.query('SELECT pg_current_wal_flush_lsn()::text AS lsn')) as [{ lsn: string }];
    await waitForRows(standby, `SELECT 1 WHERE pg_last_wal_receive_lsn() >= '${lsn}'`);
    expect(await askedCount()).toBe(shown);
    expect(valueOn(await scrape(server), 'replica_total')).toBe(pushed);
    await standby.query('SELECT pg_wal_replay_resume()');
    await standby.catchUpWith(primary);
    expect(await askedCount()).toBe(pushed);
    expect((await standby.query(`SELECT 1 ${HISTORY_CONNECTIONS}`)).length).toBeGreaterThan(0);
    expect(await primary.query(`SELECT 1 ${HISTORY_CONNECTIONS}`)).toEqual([]);
  });

  test('a query that the standby cancels in order to continue its replay is answered 503, and the next one works', async () => {
    await primary.query('CREATE TABLE junk AS SELECT generate_series(1, 1000) AS number');
    await primary.session(async (deleter) => {
      // The deletion begins before the query's snapshot and ends after it, so that VACUUM removes rows that the snapshot may see.
      await deleter.query('BEGIN; DELETE FROM junk');
      await primary.session(async (locker) => {
        // The standby replays this lock, which delays the query.
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
        await eventually(async () => {
          await primary.query('VACUUM junk');
          expect(isAnswered).toBe(true);
        });
        const response = await asking;
        expect(response.status).toBe(503);
        expect(await response.text()).toContain('40001');
        await locker.query('ROLLBACK');
      });
    });
    await standby.catchUpWith(primary);
    expect(await askedCount()).toBe(pushed);
  });

  test('stopped and started again: 503 in between, and nothing else is affected', async () => {
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
