import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { ADVISORY_LOCKS } from '../../src/database/advisory-locks.js';
import { getJson, push, scrape, startServer, type TestServer, valueOn } from '../support/server.js';
import { comesTrue, samplesOf, SECOND } from '../support/removal.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

describe('forgetting', () => {
  let database: TestDatabase;
  let client: pg.Client;

  beforeEach(async () => {
    database = await createTestDatabase();
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
  });

  afterEach(async () => {
    await client.end();
    await database.drop();
  });

  /** Pushes, and makes it look as if the compaction had taken it up and retention had dropped it. */
  async function pushLongAgo(names: readonly string[], days: number): Promise<void> {
    const server = await startServer({ DATABASE_URL: database.url });
    await push(
      server,
      names.map((name) => ({ name, value: 5, labels: { l: '1' } })),
    );
    await server.stop();
    await client.query('DELETE FROM sample_batch');
    await client.query(
      `UPDATE series SET created_at = old.at, pushed_at = old.at, last_at = old.at, last_value = 5, total = 5
       FROM (SELECT now() - make_interval(days => $1) AS at) AS old`,
      [days],
    );
    await client.query(
      `UPDATE metric SET created_at = now() - interval '1 day', updated_at = now() - interval '1 day'`,
    );
  }

  const forgotten = async () =>
    (
      await client.query<{ name: string }>(
        `SELECT name FROM series JOIN metric ON metric.id = metric_id WHERE forgotten_at IS NOT NULL ORDER BY name`,
      )
    ).rows.map(({ name }) => name);

  const listed = async (server: TestServer) =>
    (await getJson<{ metrics: { name: string; seriesCount: number }[] }>(server, '/api/history/metrics')).metrics
      .filter(({ seriesCount }) => seriesCount > 0)
      .map(({ name }) => name);

  test('takes idle gauges without samples out of every process, and a push brings them back on all', async () => {
    await pushLongAgo(['idle', 'stored', 'logged', 'idle_total'], 10);
    await client.query(`
      CREATE TABLE sample_chunk_test PARTITION OF sample_chunk_fresh FOR VALUES FROM ('2000-01-01') TO ('2100-01-01')`);
    await client.query(`
      INSERT INTO sample_chunk (start_at, end_at, series_id, sample_count, is_merged, offsets_ms, "values")
      SELECT now(), now(), series.id, 1, false, '{0}', '{1}' FROM series JOIN metric ON metric.id = metric_id WHERE name = 'stored'`);
    await client.query(`INSERT INTO metric (name, type) VALUES ('never_total', 'counter'), ('fresh', 'gauge')`);
    await client.query(`
      INSERT INTO series (metric_id, identity, labels, temporality, created_at)
      SELECT id, name::bytea, '{}', 'delta', now() - CASE name WHEN 'fresh' THEN '1 day' ELSE '10 days' END::interval
      FROM metric WHERE name IN ('never_total', 'fresh')`);
    const settings = { DATABASE_URL: database.url, RETENTION_DAYS: '7', GAUGE_IDLE_HIDE: '1h' };
    await client.query(`
      INSERT INTO sample_batch (writer_id, sequence, series_ids, "values")
      SELECT 999, 1, ARRAY[series.id], '{1}' FROM series JOIN metric ON metric.id = metric_id WHERE name = 'logged'`);
    // Nobody sweeps until both know them all; then one that starts does.
    await client.query(`SELECT pg_advisory_lock(${ADVISORY_LOCKS.removedSamples})`);
    const [one, other] = (await Promise.all([1, 2].map(() => startServer(settings)))) as [TestServer, TestServer];
    await sleep(3 * SECOND);
    for (const server of [one, other]) expect(await listed(server)).toContain('idle');
    await client.query(`SELECT pg_advisory_unlock(${ADVISORY_LOCKS.removedSamples})`);
    const sweeper = await startServer(settings);
    try {
      for (let tries = 0; tries < 100 && (await forgotten()).length < 2; tries++) await sleep(100);
      expect(await forgotten()).toEqual(['idle', 'never_total']);
      for (const server of [one, other]) {
        const isGone = async () => (await listed(server)).join() === 'fresh,idle_total,logged,stored';
        expect(await comesTrue(isGone)).toBe(true);
        expect(valueOn(await scrape(server), 'idle_total{l="1"}')).toBe(5);
      }
      expect((await push(other, [{ name: 'idle', value: 8, labels: { l: '1' } }])).status).toBe(202);
      for (const server of [one, other]) {
        expect(await comesTrue(async () => (await scrape(server)).includes('idle{l="1"} 8\n'))).toBe(true);
        expect((await samplesOf(server, 'idle')).samples).toHaveLength(1);
      }
      // And it stays: what was said of its removal is old news.
      await sleep(2 * SECOND);
      for (const server of [one, other]) expect(valueOn(await scrape(server), 'idle{l="1"}')).toBe(8);
      expect(await forgotten()).toEqual(['never_total']);
      const { rows } = await client.query(`SELECT count(*)::int AS rows FROM series`);
      expect(rows[0]).toEqual({ rows: 6 });
    } finally {
      await Promise.all([one, other, sweeper].map((server) => server.kill()));
    }
  });

  test('loses no push of a series that is being forgotten', async () => {
    await pushLongAgo(['raced', 'late'], 0);
    const settings = { DATABASE_URL: database.url, RETENTION_DAYS: '7', GAUGE_IDLE_HIDE: '1h' };
    const servers = await Promise.all([1, 2].map(() => startServer(settings)));
    const forget = `
      WITH gone AS (UPDATE series SET forgotten_at = clock_timestamp(), last_at = NULL, last_value = NULL RETURNING metric_id)
      UPDATE metric SET updated_at = clock_timestamp() WHERE id IN (SELECT metric_id FROM gone)`;
    try {
      for (let round = 1; round <= 20; round++) {
        // What forgets has not seen the push; the push knows the series still.
        await Promise.all([
          push(servers[round % 2]!, [{ name: 'raced', value: round, labels: { l: '1' } }]),
          sleep(round % 5).then(() => client.query(forget)),
        ]);
        for (const server of servers) {
          expect(await comesTrue(async () => valueOn(await scrape(server), 'raced{l="1"}') === round)).toBe(true);
        }
      }
      await sleep(2 * SECOND);
      for (const server of servers) expect(valueOn(await scrape(server), 'raced{l="1"}')).toBe(20);
      expect((await samplesOf(servers[0]!, 'raced')).samples).toHaveLength(20);
    } finally {
      await Promise.all(servers.map((server) => server.kill()));
    }
  });

  test('does not happen while gauges are never hidden', async () => {
    await pushLongAgo(['idle'], 400);
    const server = await startServer({ DATABASE_URL: database.url, RETENTION_DAYS: '1', GAUGE_IDLE_HIDE: 'never' });
    try {
      await sleep(4 * SECOND);
      expect(await forgotten()).toEqual([]);
      expect(valueOn(await scrape(server), 'idle{l="1"}')).toBe(5);
    } finally {
      await server.kill();
    }
  });

  test('ends with the row, a day later', async () => {
    await pushLongAgo(['idle', 'idle_total'], 10);
    await client.query(
      `UPDATE series SET forgotten_at = now() - interval '2 days' FROM metric WHERE metric.id = metric_id AND name = 'idle'`,
    );
    const server = await startServer({ DATABASE_URL: database.url });
    try {
      const count = async () => (await client.query<{ n: number }>(`SELECT count(*)::int AS n FROM series`)).rows[0]!.n;
      for (let tries = 0; tries < 100 && (await count()) > 1; tries++) await sleep(100);
      expect(await count()).toBe(1);
      await push(server, [{ name: 'idle', value: 6, labels: { l: '1' } }]);
      expect(valueOn(await scrape(server), 'idle{l="1"}')).toBe(6);
    } finally {
      await server.kill();
    }
  });
});
