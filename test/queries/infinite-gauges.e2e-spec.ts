import { eventually } from '../support/eventually.js';
import { now, requestOf, sendOtlp } from '../support/otlp.js';
import { ADMIN_TOKEN, getJson, INGEST_TOKEN, scrape, type TestServer } from '../support/server.js';
import { storeUnderTest } from '../support/service-under-test.js';

const COMPACTING = { COMPACTION_HORIZON_SECONDS: '1', COMPACTION_INTERVAL_SECONDS: '1', CHUNK_PERIOD: '10s' };

describe('an infinite gauge', () => {
  const store = storeUnderTest('all');

  async function expectShown(server: TestServer): Promise<void> {
    const page = await scrape(server);
    for (const line of ['endless{job="j",way="up"} +Inf', 'endless{job="j",way="down"} -Inf', 'endless_too -Inf']) {
      expect(page.split('\n')).toContain(line);
    }
    const { samples } = await getJson<{ samples: object[] }>(server, '/api/history/samples?metric=endless');
    expect(samples).toMatchObject([
      { labels: { way: 'up' }, value: '+Inf' },
      { labels: { way: 'down' }, value: '-Inf' },
    ]);
    const { series } = await getJson<{ series: object[] }>(server, '/api/history/series?metric=endless_too');
    expect(series).toMatchObject([{ value: '-Inf' }]);
    const csv = await fetch(`${server.url}/api/history/samples?metric=endless`, {
      headers: { Authorization: ADMIN_TOKEN, Accept: 'text/csv' },
    });
    expect((await csv.text()).match(/-?Infinity/g)).toEqual(['Infinity', '-Infinity']);
    const { data } = await getJson<{ data: { result: { value: unknown[] }[] } }>(
      server,
      '/api/v1/query?query=max(endless)',
    );
    expect(data.result[0]!.value[1]).toBe('+Inf');
    const points = await getJson<object>(server, '/api/history/query?metric=endless&aggregate=max&groupBy=way');
    expect(JSON.stringify(points)).toContain('"value":null');
    const { rows } = await store.client.query<{ value: number }>(
      `SELECT value FROM metric_sample WHERE metric = 'endless' ORDER BY value`,
    );
    expect(rows.map(({ value }) => value)).toEqual([-Infinity, Infinity]);
  }

  it('is kept by the exposition format and OTLP, and shown everywhere, also after a compaction and a restart', async () => {
    const server = await store.start(COMPACTING);
    const pushed = await fetch(`${server.url}/metrics/job/j`, {
      method: 'PUT',
      headers: { Authorization: INGEST_TOKEN },
      body: '# TYPE endless gauge\nendless{way="up"} +Inf\nendless{way="down"} -Inf\n',
    });
    expect(pushed.status).toBe(200);
    const point = { timeUnixNano: now(), asDouble: '-Infinity' };
    const answer = await sendOtlp(
      server,
      requestOf(
        { name: 'endless.too', gauge: { dataPoints: [point] } },
        { name: 'endless.sum', sum: { dataPoints: [point], aggregationTemporality: 2, isMonotonic: true } },
      ),
    );
    expect(answer.body).toMatchObject({ partialSuccess: { rejectedDataPoints: '1' } });
    await expectShown(server);
    await eventually(async () => {
      const { rows } = await store.client.query('SELECT 1 FROM sample_batch WHERE cardinality(series_ids) > 0');
      expect(rows).toEqual([]);
    });
    await expectShown(server);
    await server.stop();
    await expectShown(await store.start());
  });
});
