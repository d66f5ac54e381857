import { eventually } from '../support/eventually.js';
import { storeUnderTest } from '../support/service-under-test.js';
import { getJson, INGEST_TOKEN, push, scrape, type TestServer } from '../support/server.js';

const NEVER_COMPACTS = { COMPACTION_INTERVAL_SECONDS: '3600' };
/** A number of series that needs more than two of the pages in which series and totals are read. */
const MANY = 40_001;

const LABELS = [
  {},
  { a: '1' },
  { bb: ',', a: '","', c: '{}[]' },
  { quoted: 'say "no"', back: '\\', line: 'a\nb', comma: '1,b="2"' },
  { B: 'ü 🙂', a_much_longer_name: 'null', _: '0' },
];

const METRICS = ['restart_total', 'restart_running_total', 'restart_gauge', 'restart_change', 'restart_stale'];

describe('a restart', () => {
  const store = storeUnderTest('all');

  const start = (settings: Record<string, string> = NEVER_COMPACTS) => store.start(settings);
  const listed = async (server: TestServer) => {
    const series: unknown[] = [];
    for (const metric of METRICS) {
      const page = await getJson<{ series: unknown[] }>(server, `/api/history/series?metric=${metric}`);
      series.push(...page.series);
    }
    return series;
  };
  const shown = async (server: TestServer, accept: string) =>
    (await scrape(server, accept)).split('\n').filter((line) => line.includes('restart_'));
  /** Returns what the history API lists and what both formats of the exposition show. */
  const everything = async (server: TestServer) => ({
    listed: await listed(server),
    text: await shown(server, 'text/plain'),
    openMetrics: await shown(server, 'application/openmetrics-text'),
  });

  it('changes nothing of what series are and show, whether their samples are in the log or compacted', async () => {
    let server = await start();
    const at = Date.now() - 60_000;
    const items = LABELS.flatMap((labels, index) => [
      { name: 'restart_total', labels, value: 0.1 * (index + 1) },
      { name: 'restart_running_total', labels, value: 7 + index, temporality: 'cumulative', type: 'counter' },
      { name: 'restart_gauge', labels, value: -index, timestamp: at + index },
      { name: 'restart_change', labels, value: -1.5, temporality: 'delta', type: 'gauge' },
    ]);
    for (let round = 0; round < 3; round++) expect((await push(server, items)).status).toBe(202);
    const stale = await fetch(`${server.url}/metrics/job/restart`, {
      method: 'PUT',
      headers: { Authorization: INGEST_TOKEN },
      body: 'restart_stale 1\n',
    });
    expect(stale.ok).toBe(true);
    await fetch(`${server.url}/metrics/job/restart`, { method: 'DELETE', headers: { Authorization: INGEST_TOKEN } });

    const before = await everything(server);
    expect(before.listed.length).toBeGreaterThan(4 * LABELS.length);
    expect(before.text.length).toBeGreaterThan(4 * LABELS.length);
    await server.stop();

    server = await start({ COMPACTION_HORIZON_SECONDS: '1', COMPACTION_INTERVAL_SECONDS: '1' });
    expect(await everything(server)).toEqual(before);
    await eventually(async () =>
      expect((await store.client.query('SELECT 1 FROM sample_batch LIMIT 1')).rows).toEqual([]),
    );
    await server.stop();

    server = await start();
    expect(await everything(server)).toEqual(before);
    // A sample that is older than the last compacted one does not change the value, and a newer one does.
    await push(server, [
      { name: 'restart_gauge', labels: { a: '1' }, value: 98, timestamp: at },
      { name: 'restart_gauge', labels: {}, value: 99, timestamp: at + 1 },
    ]);
    expect(await shown(server, 'text/plain')).toEqual(
      before.text.map((line) => (line === 'restart_gauge 0' ? 'restart_gauge 99' : line)),
    );
    await server.stop();
  });

  it('counts the series of each token, page after page', async () => {
    await store.client.query(
      `INSERT INTO series (metric_id, identity, labels, temporality, created_by_token_id, total, last_value, last_at)
       SELECT metric.id, sha256(n::text::bytea), jsonb_build_object('n', n::text), 'delta', token.id, n, n, now()
       FROM generate_series(1, ${MANY}) n, metric,
            (SELECT created_by_token_id AS id FROM series WHERE created_by_token_id IS NOT NULL LIMIT 1) AS token
       WHERE metric.name = 'restart_total'`,
    );
    const { rows } = await store.client.query<{ count: string }>(
      'SELECT count(*) FROM series WHERE created_by_token_id IS NOT NULL AND deleted_at IS NULL',
    );
    const server = await start({
      ...NEVER_COMPACTS,
      SERIES_PER_METRIC_LIMIT: String(2 * MANY),
      SERIES_PER_TOKEN_LIMIT: String(Number(rows[0]!.count) + 1),
    });
    const text = await scrape(server);
    for (const n of [1, 10_000, 20_000, 20_001, MANY]) expect(text).toContain(`\nrestart_total{n="${n}"} ${n}\n`);
    const fresh = (n: number) => ({ name: 'restart_total', labels: { fresh: String(n) }, value: 1 });
    expect(await (await push(server, [fresh(1)])).text()).toBe('');
    expect(await (await push(server, [fresh(2)])).text()).toContain('SERIES_PER_TOKEN_LIMIT');
    await server.stop();
  });
});
