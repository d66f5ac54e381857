import pg from 'pg';
import { eventually } from '../support/eventually.js';
import { push, scrape, startServer, type TestServer, valueOn } from '../support/server.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

/** Several pages of what one look at the log of the peers brings. */
const MANY_ROWS = 3_000;

describe('a process that is frozen', () => {
  let database: TestDatabase;
  let client: pg.Client;
  let compacting: TestServer;
  let pushed: TestServer;
  let peer: TestServer;

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
    // Only one of them compacts.
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

  /** Rows of a process of which only these rows are known: as if it had been pushed to many times. */
  async function pushManyElsewhere(): Promise<void> {
    const { rows } = await client.query<{ id: number }>(
      'INSERT INTO sample_writer (alive_at) VALUES (now()) RETURNING id',
    );
    await client.query(
      `INSERT INTO sample_batch (writer_id, sequence, series_ids, "values")
       SELECT $1, sequence, ARRAY[series.id], ARRAY[1] FROM generate_series(1, $2::int) AS sequence, series
       JOIN metric ON metric.id = series.metric_id WHERE metric.name = 'frozen_total'`,
      [rows[0]!.id, MANY_ROWS],
    );
  }

  test('in the middle of a compaction does not keep its peers from following each other', async () => {
    expect((await push(pushed, [item])).status).toBe(202);
    await eventually(async () => expect(await total(compacting)).toBe(1));
    // Holds the compaction at its last step, where it has changed everything and has not committed yet.
    await client.query('BEGIN; SELECT FROM sample_batch FOR KEY SHARE');
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
    // Heartbeats, and commits of unknown outcome, change these rows.
    await eventually(async () => {
      await watcher.query('SELECT FROM sample_writer FOR UPDATE NOWAIT');
    });
    await watcher.end();
    expect((await push(pushed, [item])).status).toBe(202);
    await eventually(async () => expect(await total(peer)).toBe(2));
    expect((await fetch(`${peer.url}/health/ready`)).status).toBe(200);
  });

  test('catches up with all that was pushed meanwhile, and a peer that can not follow is not ready', async () => {
    await pushManyElsewhere();
    await eventually(async () => expect(await total(peer)).toBe(MANY_ROWS + 2));
    compacting.process.kill('SIGCONT');
    await eventually(async () => expect(await total(compacting)).toBe(MANY_ROWS + 2));
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
