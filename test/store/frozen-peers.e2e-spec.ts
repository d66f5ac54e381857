import pg from 'pg';
import { eventually } from '../support/eventually.js';
import { push, scrape, startServer, type TestServer, valueOn } from '../support/server.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

/** A number of rows that a process can read only in several polls of the log. */
const MANY_ROWS = 3_000;

describe('a process that is frozen', () => {
  let database: TestDatabase;
  let client: pg.Client;
  let compacting: TestServer;
  let pushed: TestServer;
  let peer: TestServer;
  let pushes = 0;

  beforeAll(async () => {
    database = await createTestDatabase();
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
    const start = (compactionIntervalSeconds: string) =>
      startServer({
        DATABASE_URL: database.url,
        COMPACTION_INTERVAL_SECONDS: compactionIntervalSeconds,
        COMPACTION_HORIZON_SECONDS: '1',
        STORE_WAIT_MS: '1500',
      });
    // Only one of the processes compacts.
    [compacting, pushed, peer] = await Promise.all([start('1'), start('3600'), start('3600')]);
  });

  afterAll(async () => {
    compacting.process.kill('SIGCONT');
    await Promise.all([compacting, pushed, peer].map((server) => server.kill()));
    await client.end();
    await database.drop();
  });

  const item = { name: 'frozen_total', value: 1 };
  const total = async (server: TestServer) => valueOn(await scrape(server), 'frozen_total');

  async function pushOne(): Promise<void> {
    expect((await push(pushed, [item])).status).toBe(202);
    pushes++;
  }

  /** Adds rows to the log, as if another process had received many pushes. */
  async function pushManyElsewhere(): Promise<void> {
    const { rows } = await client.query<{ id: number }>(
      'INSERT INTO sample_writer (alive_at, reads_blocks, takes_turns) VALUES (now(), true, true) RETURNING id',
    );
    await client.query(
      `INSERT INTO sample_batch (writer_id, sequence, series_ids, "values")
       SELECT $1, sequence, ARRAY[series.id], ARRAY[1] FROM generate_series(1, $2::int) AS sequence, series
       JOIN metric ON metric.id = series.metric_id WHERE metric.name = 'frozen_total'`,
      [rows[0]!.id, MANY_ROWS],
    );
  }

  test('in the middle of a compaction does not keep its peers from following each other', async () => {
    // Holds the compaction at its last step, when it has changed everything but has not committed yet. On a busy machine, the
    // compaction may have removed a row before this test can lock it.
    await eventually(async () => {
      await pushOne();
      await client.query('BEGIN');
      const { rowCount } = await client.query('SELECT FROM sample_batch FOR KEY SHARE');
      if (rowCount === 0) await client.query('ROLLBACK');
      expect(rowCount).toBeGreaterThan(0);
    });
    const watcher = new pg.Client({ connectionString: database.url });
    await watcher.connect();
    await eventually(async () => {
      const { rows } = await watcher.query(
        `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%DELETE%'`,
      );
      expect(rows).toHaveLength(1);
    });
    compacting.process.kill('SIGSTOP');
    await client.query('COMMIT');
    // Heartbeats and commits of unknown outcome change these rows, so the frozen compaction must not have locked them.
    await eventually(async () => {
      await watcher.query('SELECT FROM sample_writer FOR UPDATE NOWAIT');
    });
    await watcher.end();
    await pushOne();
    await eventually(async () => expect(await total(peer)).toBe(pushes));
    expect((await fetch(`${peer.url}/health/ready`)).status).toBe(200);
  });

  test('catches up with all pushes, and a peer that cannot follow is not ready', async () => {
    await pushManyElsewhere();
    await eventually(async () => expect(await total(peer)).toBe(MANY_ROWS + pushes));
    compacting.process.kill('SIGCONT');
    await eventually(async () => expect(await total(compacting)).toBe(MANY_ROWS + pushes));
    await client.query('BEGIN; LOCK TABLE sample_writer');
    await eventually(async () => {
      const answer = await fetch(`${peer.url}/health/ready`);
      expect(answer.status).toBe(503);
      expect(await answer.text()).toMatch(/not shown yet/);
    });
    expect(valueOn(await scrape(peer), 'custom_metrics_peer_lag_seconds')).toBeGreaterThan(10);
    await client.query('COMMIT');
    await eventually(async () => expect((await fetch(`${peer.url}/health/ready`)).status).toBe(200));
    expect(valueOn(await scrape(peer), 'custom_metrics_peer_lag_seconds')).toBeLessThan(10);
  });
});
