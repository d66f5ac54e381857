import { setTimeout as sleep } from 'node:timers/promises';
import { ADVISORY_LOCKS } from '../../src/database/advisory-locks.js';
import { eventually } from '../support/eventually.js';
import { firstVersion, sendWrite, valuesAt } from '../support/remote-write-messages.js';
import { ADMIN_TOKEN, getJson, push, scrape, type TestServer, valueOn } from '../support/server.js';
import { samplesOf } from '../support/removal.js';
import { storeUnderTest } from '../support/service-under-test.js';

describe('forgetting', () => {
  const store = storeUnderTest('each');

  /**
   * Changes the database as if metrics had been pushed, the compaction had moved the samples, and retention had dropped them.
   */
  async function pushLongAgo(names: readonly string[], days: number): Promise<void> {
    await store.client.query(
      `INSERT INTO metric (name, type, temporality, created_at, updated_at)
       SELECT name, kind.type, CASE kind.type WHEN 'counter' THEN 'delta' END, now() - interval '1 day', now() - interval '1 day'
       FROM unnest($1::text[]) AS name,
         LATERAL (SELECT CASE WHEN name LIKE '%\\_total' THEN 'counter' ELSE 'gauge' END AS type) AS kind`,
      [names],
    );
    await store.client.query(
      `INSERT INTO series (metric_id, identity, labels, temporality, created_at, pushed_at, last_at, last_value, total)
       SELECT id, sha256((name || '{l="1"}')::bytea), '{"l": "1"}', metric.temporality, at, at, at, 5, 5
       FROM metric, (SELECT now() - make_interval(days => $1) AS at) AS old`,
      [days],
    );
  }

  const forgotten = async () =>
    (
      await store.client.query<{ name: string }>(
        `SELECT name FROM series JOIN metric ON metric.id = metric_id WHERE forgotten_at IS NOT NULL ORDER BY name`,
      )
    ).rows.map(({ name }) => name);

  const listed = async (server: TestServer) =>
    (await getJson<{ metrics: { name: string; seriesCount: number }[] }>(server, '/api/history/metrics')).metrics
      .filter(({ seriesCount }) => seriesCount > 0)
      .map(({ name }) => name);

  const countSeries = async () =>
    (await store.client.query<{ n: number }>('SELECT count(*)::int AS n FROM series')).rows[0]!.n;

  /** Changes the database as if the series of a metric had been forgotten so long ago that their rows may be deleted. */
  async function forgetEarlier(name: string): Promise<void> {
    await store.client.query(
      `UPDATE series SET forgotten_at = now() - interval '2 days' FROM metric WHERE metric.id = metric_id AND name = $1`,
      [name],
    );
  }

  /** Waits until processes have read all earlier changes of the catalog: declares a metric, and waits until they show its help. */
  async function untilChangesAreRead(
    servers: readonly TestServer[],
    declaring: TestServer,
    name: string,
    type: 'counter' | 'gauge',
  ): Promise<void> {
    const help = `Declared by ${declaring.url}`;
    const answer = await fetch(`${declaring.url}/api/admin/metrics/${name}`, {
      method: 'PUT',
      headers: { Authorization: ADMIN_TOKEN, 'Content-Type': 'application/json' },
      body: JSON.stringify({ type, help }),
    });
    expect(answer.status).toBe(200);
    for (const server of servers) {
      await eventually(async () => expect(await scrape(server)).toContain(`# HELP ${name} ${help}`));
    }
  }

  test('removes idle gauges without samples from every process, and a push restores them on all', async () => {
    await pushLongAgo(['idle', 'stored', 'logged', 'idle_total'], 10);
    await store.client.query(`
      CREATE TABLE sample_chunk_test PARTITION OF sample_chunk_fresh FOR VALUES FROM ('2000-01-01') TO ('2100-01-01')`);
    await store.client.query(`
      INSERT INTO sample_chunk (start_at, end_at, series_id, sample_count, is_merged, offsets_ms, "values")
      SELECT now(), now(), series.id, 1, false, '{0}', '{1}' FROM series JOIN metric ON metric.id = metric_id WHERE name = 'stored'`);
    await store.client.query(`INSERT INTO metric (name, type) VALUES ('never_total', 'counter'), ('fresh', 'gauge')`);
    await store.client.query(`
      INSERT INTO series (metric_id, identity, labels, temporality, created_at)
      SELECT id, name::bytea, '{}', 'delta', now() - CASE name WHEN 'fresh' THEN '1 day' ELSE '10 days' END::interval
      FROM metric WHERE name IN ('never_total', 'fresh')`);
    const settings = { RETENTION_DAYS: '7', GAUGE_IDLE_HIDE: '1h' };
    await store.client.query(`
      INSERT INTO sample_batch (writer_id, sequence, series_ids, "values")
      SELECT 999, 1, ARRAY[series.id], '{1}' FROM series JOIN metric ON metric.id = metric_id WHERE name = 'logged'`);
    // The sweep is blocked until both processes know all series; then a new process sweeps.
    await store.client.query(`SELECT pg_advisory_lock(${ADVISORY_LOCKS.removedSamples})`);
    const [one, other] = (await Promise.all([1, 2].map(() => store.start(settings)))) as [TestServer, TestServer];
    for (const server of [one, other]) expect(await listed(server)).toContain('idle');
    await store.client.query(`SELECT pg_advisory_unlock(${ADVISORY_LOCKS.removedSamples})`);
    const sweeper = await store.start(settings);
    try {
      await eventually(async () => expect(await forgotten()).toEqual(['idle', 'never_total']));
      for (const server of [one, other]) {
        const isGone = async () => (await listed(server)).join() === 'fresh,idle_total,logged,stored';
        await eventually(async () => expect(await isGone()).toBe(true));
        expect(valueOn(await scrape(server), 'idle_total{l="1"}')).toBe(5);
      }
      expect((await push(other, [{ name: 'idle', value: 8, labels: { l: '1' } }])).status).toBe(202);
      for (const server of [one, other]) {
        await eventually(async () => expect((await scrape(server)).includes('idle{l="1"} 8\n')).toBe(true));
        expect((await samplesOf(server, 'idle')).samples).toHaveLength(1);
      }
      // The push came after the removal that these processes learn of, so the series stays.
      await untilChangesAreRead([one, other], sweeper, 'idle_total', 'counter');
      for (const server of [one, other]) expect(valueOn(await scrape(server), 'idle{l="1"}')).toBe(8);
      expect(await forgotten()).toEqual(['never_total']);
      const { rows } = await store.client.query(`SELECT count(*)::int AS rows FROM series`);
      expect(rows[0]).toEqual({ rows: 6 });
    } finally {
      await Promise.all([one, other, sweeper].map((server) => server.kill()));
    }
  });

  test('a forgotten series may come back in another way, which decides whether /metrics shows it', async () => {
    await pushLongAgo(['was_pushed', 'was_scraped'], 10);
    await store.client.query(
      `UPDATE series SET forgotten_at = now(), last_value = NULL, last_at = NULL, is_scraped = name = 'was_scraped'
       FROM metric WHERE metric.id = metric_id`,
    );
    const [one, other] = (await Promise.all([1, 2].map(() => store.start()))) as [TestServer, TestServer];
    const now = Date.now();
    const labels = { __name__: 'was_pushed', l: '1' };
    const written = await sendWrite(one, firstVersion([{ labels, samples: [[6, now]] }]));
    expect([written.status, await written.text()]).toEqual([204, '']);
    expect((await push(one, [{ name: 'was_scraped', value: 7, labels: { l: '1' } }])).status).toBe(202);
    for (const server of [one, other]) {
      await eventually(async () => expect(await scrape(server)).toContain('was_scraped{l="1"} 7\n'));
      expect(await scrape(server)).not.toContain('was_pushed');
      expect(await valuesAt(server, 'was_pushed', now + 1_000)).toEqual(['6']);
    }
  });

  test('loses no push of a series that is being forgotten', async () => {
    await pushLongAgo(['raced', 'late'], 0);
    const settings = { RETENTION_DAYS: '7', GAUGE_IDLE_HIDE: '1h' };
    const servers = await Promise.all([1, 2].map(() => store.start(settings)));
    const forget = `
      WITH gone AS (UPDATE series SET forgotten_at = clock_timestamp(), last_at = NULL, last_value = NULL RETURNING metric_id)
      UPDATE metric SET updated_at = clock_timestamp() WHERE id IN (SELECT metric_id FROM gone)`;
    try {
      for (let round = 1; round <= 20; round++) {
        // The process that forgets has not seen the push, and the process that pushes still knows the series.
        await Promise.all([
          push(servers[round % 2]!, [{ name: 'raced', value: round, labels: { l: '1' } }]),
          sleep(round % 5).then(() => store.client.query(forget)),
        ]);
        for (const server of servers) {
          await eventually(async () => expect(valueOn(await scrape(server), 'raced{l="1"}')).toBe(round));
        }
      }
      for (const declaring of servers) await untilChangesAreRead(servers, declaring, 'raced', 'gauge');
      for (const server of servers) expect(valueOn(await scrape(server), 'raced{l="1"}')).toBe(20);
      expect((await samplesOf(servers[0]!, 'raced')).samples).toHaveLength(20);
    } finally {
      await Promise.all(servers.map((server) => server.kill()));
    }
  });

  test('does not happen while gauges are never hidden', async () => {
    await pushLongAgo(['idle', 'swept'], 400);
    await forgetEarlier('swept');
    const server = await store.start({ RETENTION_DAYS: '1', GAUGE_IDLE_HIDE: 'never' });
    // A sweep removes old rows first, and a stop waits until the sweep has ended.
    await eventually(async () => expect(await countSeries()).toBe(1));
    expect(valueOn(await scrape(server), 'idle{l="1"}')).toBe(5);
    await server.stop();
    expect(await forgotten()).toEqual([]);
  });

  test('ends with the row, a day later', async () => {
    await pushLongAgo(['idle', 'idle_total'], 10);
    await forgetEarlier('idle');
    const server = await store.start();
    try {
      await eventually(async () => expect(await countSeries()).toBe(1));
      await push(server, [{ name: 'idle', value: 6, labels: { l: '1' } }]);
      expect(valueOn(await scrape(server), 'idle{l="1"}')).toBe(6);
    } finally {
      await server.kill();
    }
  });
});
