import { eventually } from '../support/eventually.js';
import { sendOtlp } from '../support/otlp.js';
import { storeUnderTest } from '../support/service-under-test.js';
import { ADMIN_TOKEN, getJson, INGEST_TOKEN, scrape, type TestServer, valueOn } from '../support/server.js';

const HOUR_MS = 3_600_000;
const COMPACTING = { COMPACTION_HORIZON_SECONDS: '1', COMPACTION_INTERVAL_SECONDS: '1', CHUNK_PERIOD: '10s' };
const NEVER = { COMPACTION_INTERVAL_SECONDS: '3600' };

const PAGE = [
  '# TYPE ends_gauge gauge',
  'ends_gauge 4',
  '# TYPE ends_histogram histogram',
  'ends_histogram_bucket{le="1"} 1',
  'ends_histogram_sum 3',
  'ends_histogram_count 2',
  '# TYPE ends_total counter',
  'ends_total 2.5',
  '',
].join('\n');

describe('stale markers', () => {
  const store = storeUnderTest('all');

  let last: TestServer;
  const start = async (settings: Record<string, string>) => (last = await store.start(settings));
  const send = async (server: TestServer, method: 'PUT' | 'DELETE', body?: string) => {
    const response = await fetch(`${server.url}/metrics/job/ends`, {
      method,
      headers: { Authorization: INGEST_TOKEN },
      body,
    });
    expect(response.ok).toBe(true);
  };
  const shown = async (server: TestServer) =>
    (await scrape(server)).split('\n').filter((line) => /^(?:# \w+ )?(?:ends|push)_/.test(line));
  const listed = async (server: TestServer, metric: string) => {
    const { series } = await getJson<{ series: { value: number | null; lastPushAt: string | null }[] }>(
      server,
      `/api/history/series?metric=${metric}`,
    );
    return series.map(({ value, lastPushAt }) => [value, lastPushAt !== null]);
  };
  const history = async (server: TestServer) => {
    const samples = async (metric: string) => {
      const answer = await getJson<{ samples: { value: number | null }[] }>(
        server,
        `/api/history/samples?metric=${metric}`,
      );
      return answer.samples.map(({ value }) => value);
    };
    const points = async (metric: string, aggregate: string) => {
      const answer = await getJson<{ series: { points: { value: number | null }[] }[] }>(
        server,
        `/api/history/query?metric=${metric}&aggregate=${aggregate}&from=-1h&step=1h`,
      );
      expect(answer.series).toHaveLength(1);
      return answer.series[0]!.points.map(({ value }) => value);
    };
    // Steps begin at whole hours, and an hour may end in the middle of this test.
    const sumOf = async (metric: string, aggregate: string) =>
      (await points(metric, aggregate)).reduce<number>((sum, value) => sum + (value ?? 0), 0);
    const csv = await fetch(`${server.url}/api/history/samples?metric=ends_gauge`, {
      headers: { Authorization: ADMIN_TOKEN, Accept: 'text/csv' },
    });
    const { rows } = await store.client.query<{ value: number }>(
      `SELECT value FROM metric_sample WHERE metric = 'ends_total' ORDER BY at`,
    );
    const minutes = await getJson<{ metrics: { name: string; value: number }[] }>(server, '/api/admin/custom-metrics');
    return {
      gauge: await samples('ends_gauge'),
      counter: await samples('ends_total'),
      last: [(await points('ends_gauge', 'last')).at(-1), (await points('ends_total', 'last')).at(-1)],
      average: [...new Set(await points('ends_gauge', 'avg'))].filter((value) => value !== null),
      count: await sumOf('ends_gauge', 'count'),
      increase: await sumOf('ends_total', 'increase'),
      csv: (await csv.text()).split('\r\n').map((line) => line.split(',')[2]),
      view: rows.map(({ value }) => value),
      minutes: minutes.metrics
        .filter(({ name }) => /^ends_(?:gauge|total)$/.test(name))
        .map(({ value }) => value)
        .at(-1),
    };
  };
  async function waitForCompaction(): Promise<void> {
    await eventually(async () => expect((await store.client.query('SELECT 1 FROM sample_batch')).rows).toEqual([]));
  }

  test('take series off the page of every process, before and after a restart and the compaction', async () => {
    const first = await start(NEVER);
    const second = await start(NEVER);
    await send(first, 'PUT', PAGE);
    await send(first, 'PUT', PAGE);
    const whole = await shown(first);
    expect(whole).toContain('ends_total{job="ends"} 5');
    expect(whole).toContain('ends_histogram_bucket{job="ends",le="+Inf"} 4');
    await eventually(async () => expect(await shown(second)).toEqual(whole));

    // The request goes to the other process, which did not receive the pushes.
    await send(second, 'DELETE');
    expect(await shown(second)).toEqual([]);
    await eventually(async () => expect(await shown(first)).toEqual([]));
    expect(await listed(first, 'ends_gauge')).toEqual([[null, true]]);
    expect(await listed(first, 'ends_total')).toEqual([[null, true]]);

    const ended = await history(first);
    expect(ended).toMatchObject({
      gauge: [4, 4, null],
      counter: [2.5, 2.5, null],
      // The value of the gauge has ended, but the total of the counter remains.
      last: [null, 5],
      average: [4],
      count: 2,
      increase: 5,
      csv: ['value', '4', '4', '', undefined],
      view: [2.5, 2.5],
    });
    expect(await history(second)).toEqual(ended);

    await first.stop();
    const restarted = await start(COMPACTING);
    expect(await shown(restarted)).toEqual([]);
    await waitForCompaction();
    expect(await shown(restarted)).toEqual([]);
    expect(await history(restarted)).toEqual(ended);
    expect(await listed(restarted, 'ends_total')).toEqual([[null, true]]);
    await restarted.stop();
    const afterCompaction = await start(COMPACTING);
    expect(await shown(afterCompaction)).toEqual([]);
    expect(await shown(second)).toEqual([]);

    // The next push restores everything, and totals continue.
    await send(afterCompaction, 'PUT', PAGE);
    const again = (lines: readonly string[]) => lines.filter((line) => line.startsWith('ends_'));
    const back = again(await shown(afterCompaction));
    expect(back).toContain('ends_total{job="ends"} 7.5');
    expect(back).toContain('ends_gauge{job="ends"} 4');
    expect(back).toContain('ends_histogram_count{job="ends"} 6');
    await eventually(async () => expect(again(await shown(second))).toEqual(back));
    await waitForCompaction();
    await afterCompaction.stop();
    expect(again(await shown(await start(NEVER)))).toEqual(back);
  });

  test('are not part of the sums of compacted samples', async () => {
    const { rows } = await store.client.query<{ total: number; sums: number }>(
      `SELECT series.total, (
         SELECT sum(delta_sums[1 + bit_count((members & ~((-1)::bigint << (series.id & 63)))::bit(64))])
         FROM sample_block WHERE bucket = series.id >> 6 AND (members >> (series.id & 63)) & 1 = 1) AS sums
       FROM series JOIN metric ON metric.id = series.metric_id WHERE metric.name = 'ends_total'`,
    );
    expect(rows).toEqual([{ total: 7.5, sums: 7.5 }]);
    expect(valueOn(await scrape(last), 'ends_total{job="ends"}')).toBe(7.5);
  });

  test('end a series also in the lists of a range before its next push', async () => {
    const settings = { ...NEVER, PROMQL_GAUGE_TIME_TO_LIVE: 'never' };
    const minute = (minutes: number) => Date.now() - HOUR_MS + minutes * 60_000;
    const [pushedAt, endedAt, againAt] = [minute(0), minute(10), minute(50)];
    const pointsOf = (times: readonly number[]) =>
      times.map((at) => ({
        timeUnixNano: `${at}000000`,
        startTimeUnixNano: `${pushedAt - 1_000}000000`,
        ...(at === endedAt ? { flags: 1 } : { asDouble: 5 }),
      }));
    const exportOf = (times: readonly number[]) => ({
      resourceMetrics: [
        {
          scopeMetrics: [
            {
              metrics: ['ended', 'held'].flatMap((name) => {
                const dataPoints = pointsOf(times.filter((at) => name === 'ended' || at !== endedAt));
                const sum = { isMonotonic: true, aggregationTemporality: 2, dataPoints };
                return dataPoints.length === 0
                  ? []
                  : [
                      { name: `${name}_sum`, sum },
                      { name: `${name}_level`, gauge: { dataPoints } },
                    ];
              }),
            },
          ],
        },
      ],
    });
    const server = await start(settings);
    for (const at of [pushedAt, endedAt, againAt]) expect((await sendOtlp(server, exportOf([at]))).status).toBe(200);
    await server.stop();
    // The series are as old as their samples.
    await store.client.query(
      `UPDATE series SET created_at = series.created_at - interval '1 hour' FROM metric
       WHERE metric.id = metric_id AND metric.name ~ '^(?:ended|held)_'`,
    );
    const restarted = await start(settings);
    const shownIn = async (from: number, to: number) => {
      const match = encodeURIComponent('{__name__=~"(?:ended|held)_.*"}');
      const range = `start=${from / 1_000}&end=${to / 1_000}`;
      const list = await getJson<{ data: { __name__: string }[] }>(
        restarted,
        `/api/v1/series?match[]=${match}&${range}`,
      );
      const query = await getJson<{ data: { result: { metric: { __name__: string } }[] } }>(
        restarted,
        `/api/v1/query_range?query=${match}&${range}&step=60`,
      );
      const names = (found: readonly { __name__: string }[]) => found.map(({ __name__ }) => __name__).toSorted();
      return { listed: names(list.data), queried: names(query.data.result.map(({ metric }) => metric)) };
    };
    const held = ['held_level', 'held_sum_total'];
    const all = ['ended_level', 'ended_sum_total', ...held];
    expect(await shownIn(minute(30), minute(35))).toEqual({ listed: held, queried: held });
    expect(await shownIn(minute(5), minute(8))).toEqual({ listed: all, queried: all });
    expect(await shownIn(minute(45), minute(55))).toEqual({ listed: all, queried: all });
  });
});
