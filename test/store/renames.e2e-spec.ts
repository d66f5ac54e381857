import type pg from 'pg';
import { eventually } from '../support/eventually.js';
import { remove, samplesOf } from '../support/removal.js';
import { rename } from '../support/renames.js';
import {
  ADMIN_TOKEN,
  getJson,
  INGEST_TOKEN,
  type Item,
  push,
  scrape,
  type TestServer,
  valueOn,
} from '../support/server.js';
import { storeUnderTest } from '../support/service-under-test.js';

const IN_BLOCKS = { COMPACTION_HORIZON_SECONDS: '1', COMPACTION_INTERVAL_SECONDS: '1', CHUNK_PERIOD: '10s' };

describe('renaming a metric', () => {
  const store = storeUnderTest('all');
  let servers: TestServer[];
  let one: TestServer;
  let two: TestServer;

  beforeAll(async () => {
    servers = await Promise.all([1, 2].map(() => store.start(IN_BLOCKS)));
    [one, two] = servers as [TestServer, TestServer];
  });

  const pushAll = async (server: TestServer, items: readonly Item[]) => {
    const response = await push(server, items);
    expect([response.status, await response.text()]).toEqual([202, '']);
  };
  const declare = (name: string, declaration: Item) =>
    fetch(`${one.url}/api/admin/metrics/${name}`, {
      method: 'PUT',
      headers: { Authorization: ADMIN_TOKEN, 'Content-Type': 'application/json' },
      body: JSON.stringify(declaration),
    });
  const rowsOf = async <Row extends pg.QueryResultRow>(statement: string, values: unknown[] = []) =>
    (await store.client.query<Row>(statement, values)).rows;
  const storedNames = async (pattern: string) =>
    (await rowsOf<{ name: string }>('SELECT name FROM metric WHERE name ~ $1 ORDER BY id', [pattern])).map(
      ({ name }) => name,
    );
  const valuesOf = async (server: TestServer, metric: string) =>
    (await samplesOf(server, metric)).samples.map(({ value }) => value).toSorted((a, b) => a - b);
  const sumOf = async (metric: string) =>
    (await rowsOf<{ sum: number | null }>('SELECT sum(value) FROM metric_sample WHERE metric = $1', [metric]))[0]!.sum;
  const onAllPages = (check: (page: string) => void) =>
    eventually(async () => {
      for (const page of await Promise.all(servers.map((each) => scrape(each)))) check(page);
    });

  test('takes its history, values and declaration along, on every process', async () => {
    await declare('http_respones_total', {
      type: 'counter',
      temporality: 'delta',
      help: 'Responses',
      unit: 'responses',
    });
    const old = Date.now() - 600_000;
    await pushAll(one, [
      { name: 'http_respones_total', value: 2, timestamp: old },
      { name: 'http_respones_total', value: 5, labels: { code: '500', weg: 'ä"\\' } },
    ]);
    await eventually(async () =>
      expect(await rowsOf('SELECT FROM sample_batch WHERE cardinality(series_ids) > 0')).toEqual([]),
    );
    await pushAll(two, [{ name: 'http_respones_total', value: 4 }]);
    await onAllPages((page) => expect(valueOn(page, 'http_respones_total')).toBe(6));
    const dry = await rename(one, 'http_respones_total', 'http_responses_total', { query: '?dryRun=true' });
    const expected = {
      metric: 'http_respones_total',
      to: 'http_responses_total',
      isReplay: false,
      renamed: [{ from: 'http_respones_total', to: 'http_responses_total' }],
      seriesCount: 2,
      note: expect.stringContaining('Clients that go on to push http_respones_total create a new metric') as string,
    };
    expect([dry.status, dry.body]).toEqual([200, { ...expected, dryRun: true }]);
    expect(await storedNames('^http_resp')).toEqual(['http_respones_total']);
    const done = await rename(one, 'http_respones_total', 'http_responses_total');
    expect([done.status, done.body]).toEqual([200, { ...expected, dryRun: false }]);

    // The process that answers shows the new name at once, and another one answers queries for it at once.
    const page = await scrape(one);
    expect([page.includes('http_respones'), valueOn(page, 'http_responses_total')]).toEqual([false, 6]);
    expect(await valuesOf(two, 'http_responses_total')).toEqual([2, 4, 5]);
    await onAllPages((each) => {
      expect(each).toContain('# HELP http_responses_total Responses\n');
      expect(each).toContain('http_responses_total{code="500",weg="ä\\"\\\\"} 5\n');
      expect(each).not.toContain('http_respones');
    });
    for (const server of servers) {
      expect(await valuesOf(server, 'http_responses_total')).toEqual([2, 4, 5]);
      const { metrics } = await getJson<{ metrics: { name: string; unit: string }[] }>(
        server,
        '/api/history/metrics?search=http_resp',
      );
      expect(metrics).toMatchObject([{ name: 'http_responses_total', unit: 'responses' }]);
      const answer = await getJson<{ data: { result: { metric: Record<string, string> }[] } }>(
        server,
        '/api/v1/query?query={__name__=~"http_resp.*"}',
      );
      expect(answer.data.result.map(({ metric }) => metric['__name__'])).toEqual([
        'http_responses_total',
        'http_responses_total',
      ]);
      const former = await fetch(`${server.url}/api/history/samples?metric=http_respones_total`, {
        headers: { Authorization: ADMIN_TOKEN },
      });
      expect([former.status, await former.text()]).toEqual([404, expect.stringContaining('http_responses_total')]);
    }
    expect(await sumOf('http_responses_total')).toBe(11);

    // A repeated request is answered in the same way, and the list has one row.
    expect((await rename(two, 'http_respones_total', 'http_responses_total')).body).toEqual({
      ...expected,
      dryRun: false,
      isReplay: true,
    });
    expect(await getJson(two, '/api/admin/renames?limit=1')).toEqual({
      renames: [
        {
          id: expect.any(Number) as number,
          at: expect.any(String) as string,
          token: expect.any(String) as string,
          metric: 'http_respones_total',
          to: 'http_responses_total',
          seriesCount: 2,
        },
      ],
    });
    // A restarted process reads the same.
    const restarted = await store.start();
    expect(valueOn(await scrape(restarted), 'http_responses_total')).toBe(6);
    await restarted.stop();
  });

  test('leaves pushes of the former name to a new metric, however they were recognised before', async () => {
    const items = [
      { name: 'jobs.done_total', value: 1, labels: { queue: 'mail' } },
      { name: 'job_level', value: 3, type: 'gauge' },
    ];
    // After three pushes, the short path knows the bytes.
    for (const server of servers) for (let round = 0; round < 3; round++) await pushAll(server, items);
    expect((await rename(one, 'jobs_done_total', 'jobs_finished_total')).status).toBe(200);
    expect((await rename(one, 'job_level', 'jobs_waiting')).status).toBe(200);
    await pushAll(one, items);
    await onAllPages((page) => {
      expect(valueOn(page, 'jobs_finished_total{queue="mail"}')).toBe(6);
      expect(valueOn(page, 'jobs_done_total{queue="mail"}')).toBe(1);
    });
    for (let round = 0; round < 3; round++) for (const server of servers) await pushAll(server, items);
    await pushAll(two, [{ name: 'jobs_finished_total', value: 0.5, labels: { queue: 'mail' } }]);
    await onAllPages((page) => {
      expect(valueOn(page, 'jobs_finished_total{queue="mail"}')).toBe(6.5);
      expect(valueOn(page, 'jobs_done_total{queue="mail"}')).toBe(7);
      expect([valueOn(page, 'job_level'), valueOn(page, 'jobs_waiting')]).toEqual([3, 3]);
    });
    expect([await sumOf('jobs_finished_total'), await sumOf('jobs_done_total')]).toEqual([6.5, 7]);
    expect([await sumOf('jobs_waiting'), await sumOf('job_level')]).toEqual([18, 21]);
    // The name belongs to the new metric, so the same rename is not a replay.
    const again = await rename(two, 'jobs_done_total', 'jobs_finished_total');
    expect([again.status, again.body.message]).toEqual([409, expect.stringContaining('does not merge metrics')]);
    // The new metric can be removed without the renamed one.
    expect((await remove(two, 'jobs_done_total')).body).toMatchObject({ seriesCount: 1, sampleCount: 7 });
    await onAllPages((page) => expect(page).not.toContain('jobs_done_total'));
    expect(await sumOf('jobs_finished_total')).toBe(6.5);
  });

  test.each(['renamed', 'removed'])(
    'answers queries of a name from the metric that has it now, not from the %s one',
    async (fate) => {
      const queried = {
        history: async (name: string) => (await samplesOf(two, name)).samples.map(({ value }) => value),
        promql: async (name: string) => {
          const path = `/api/v1/query?query=${encodeURIComponent(`${name}{__view__="delta"}[1h]`)}`;
          const { data } = await getJson<{ data: { result: { values: [number, string][] }[] } }>(two, path);
          return data.result.flatMap(({ values }) => values.map(([, value]) => Number(value)));
        },
      };
      // The other process polls four times a second, so most of these names are queried before it has learned of the change.
      for (let round = 0; round < 8; round++) {
        const name = `${fate}_${round}_total`;
        await pushAll(one, [{ name, value: 1 }]);
        const query = queried[round % 2 === 0 ? 'history' : 'promql'];
        expect(await query(name)).toEqual([1]);
        const { status } = await (fate === 'renamed' ? rename(one, name, `former_${name}`) : remove(one, name));
        expect(status).toBe(200);
        await pushAll(one, [{ name, value: 5 }]);
        expect([round, await query(name)]).toEqual([round, [5]]);
      }
    },
  );

  test('renames histograms and summaries with their counters, and no counter alone', async () => {
    const page = [
      '# TYPE wait histogram',
      ...['0.5', '+Inf'].map((le, index) => `wait_bucket{le="${le}"} ${index + 1}`),
      'wait_sum 3',
      'wait_count 2',
      '# TYPE size summary',
      'size{quantile="0.5"} 7',
      'size_sum 21',
      'size_count 3',
    ];
    const pushed = await fetch(`${one.url}/api/push`, {
      method: 'POST',
      headers: { Authorization: INGEST_TOKEN, 'Content-Type': 'text/plain' },
      body: `${page.join('\n')}\n`,
    });
    expect(pushed.ok).toBe(true);
    for (const part of ['wait_bucket', 'wait_sum', 'size_count']) {
      const refused = await rename(two, part, 'other_count');
      expect([refused.status, refused.body.message]).toEqual([409, expect.stringContaining("can't be renamed alone")]);
    }
    expect((await rename(two, 'wait', 'wait_seconds')).body).toMatchObject({
      renamed: ['', '_bucket', '_sum', '_count'].map((suffix) => ({
        from: `wait${suffix}`,
        to: `wait_seconds${suffix}`,
      })),
      seriesCount: 4,
    });
    expect((await rename(two, 'size', 'size_bytes')).body).toMatchObject({ seriesCount: 3 });
    expect((await rename(one, 'size', 'size_bytes')).body).toMatchObject({
      isReplay: true,
      renamed: ['', '_sum', '_count'].map((suffix) => ({ from: `size${suffix}`, to: `size_bytes${suffix}` })),
    });
    await onAllPages((each) => {
      expect(each).toContain(
        '# TYPE wait_seconds histogram\nwait_seconds_bucket{le="0.5"} 1\nwait_seconds_bucket{le="+Inf"} 2\nwait_seconds_sum 3\nwait_seconds_count 2\n',
      );
      expect([valueOn(each, 'size_bytes{quantile="0.5"}'), valueOn(each, 'size_bytes_count')]).toEqual([7, 3]);
      expect(each).not.toMatch(/^(?:wait|size)(?:_bucket|_sum|_count)?[ {]/m);
    });
    const refused = await rename(one, 'http_responses_total', 'wait_seconds_sum');
    expect([refused.status, refused.body.message]).toEqual([409, expect.stringContaining('wait_seconds_sum')]);
  });

  test('a group of Pushgateway keeps renamed series, and replaces them as it replaces others', async () => {
    const group = async (method: string, body: string) => {
      const response = await fetch(`${one.url}/metrics/job/renaming`, {
        method,
        headers: { Authorization: INGEST_TOKEN, 'Content-Type': 'text/plain' },
        ...(body !== '' && { body }),
      });
      expect(response.ok).toBe(true);
    };
    const onPages = (values: Record<string, number | undefined>) =>
      onAllPages((page) => {
        for (const [name, value] of Object.entries(values))
          expect([name, valueOn(page, `${name}{job="renaming"}`)]).toEqual([name, value]);
      });
    await group('PUT', 'batch_size 1\n');
    expect((await rename(two, 'batch_size', 'batch_bytes')).status).toBe(200);
    await onPages({ batch_size: undefined, batch_bytes: 1 });
    await group('POST', 'batch_size 2\n');
    await onPages({ batch_size: 2, batch_bytes: 1 });
    await group('POST', 'batch_bytes 3\n');
    await onPages({ batch_size: 2, batch_bytes: 3 });
    await group('PUT', 'batch_size 4\n');
    await onPages({ batch_size: 4, batch_bytes: undefined });
    await group('POST', 'batch_bytes 5\n');
    await group('DELETE', '');
    await onPages({ batch_size: undefined, batch_bytes: undefined });
  });

  test('names can be exchanged', async () => {
    await pushAll(
      two,
      ['left', 'right'].map((name) => ({ name, value: name.length })),
    );
    for (const [from, to] of [
      ['left', 'aside'],
      ['right', 'left'],
      ['aside', 'right'],
    ] as const) {
      expect((await rename(one, from, to)).status).toBe(200);
    }
    await onAllPages((page) =>
      expect([valueOn(page, 'left'), valueOn(page, 'right'), valueOn(page, 'aside')]).toEqual([5, 4, undefined]),
    );
  });
});
