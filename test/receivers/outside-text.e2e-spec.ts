import { createHash } from 'node:crypto';
import { ADMIN_TOKEN, getJson, INGEST_TOKEN, type Item, scrape, valueOn, FRONTEND_TOKEN } from '../support/server.js';
import { serviceUnderTest } from '../support/service-under-test.js';

const MEGABYTE = 1024 * 1024;

/** Maximum time for requests that once took seconds to minutes. The limit leaves room for other work on the machine. */
const MAX_MS = 5_000;

interface Report {
  readonly accepted: number;
  readonly rejected: readonly { readonly index: number; readonly reason: string; readonly message: string }[];
}

/** The short path leaves requests with a query string to Express. */
const WAYS = { short: '', express: '?way=express' } as const;

describe('texts from outside', () => {
  // The time zone is far from UTC, so that a time that is read in the server's own zone is noticed.
  const server = serviceUnderTest({ TZ: 'America/New_York', INIT_FRONTEND_API_TOKENS: FRONTEND_TOKEN });

  const post = (path: string, token: string, body: unknown, headers: Record<string, string> = {}) =>
    fetch(server.url + path, {
      method: 'POST',
      headers: { Authorization: token, 'Content-Type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  const pushBy = (way: keyof typeof WAYS, metrics: readonly Item[], headers?: Record<string, string>) =>
    post(`/api/client/metrics/custom${WAYS[way]}`, INGEST_TOKEN, { metrics }, headers);
  const impact = (metric: object) =>
    post('/api/frontend/client/metrics', FRONTEND_TOKEN, { appName: 'a', impactMetrics: [metric] });

  async function reportOf(response: Response): Promise<Report> {
    const text = await response.text();
    expect(response.status).toBe(202);
    return text === '' ? { accepted: 0, rejected: [] } : (JSON.parse(text) as Report);
  }

  async function expectQuick(work: () => Promise<unknown>): Promise<void> {
    const start = performance.now();
    await work();
    expect(performance.now() - start).toBeLessThan(MAX_MS);
  }

  describe.each(['short', 'express'] as const)('in a batch, by the %s way', (way) => {
    const pushed = (metrics: readonly Item[], headers?: Record<string, string>) => pushBy(way, metrics, headers);

    it('refuses an item whose value is null, and stores the others', async () => {
      const report = await reportOf(
        await pushed([
          { name: 'null_a', value: 1 },
          { name: 'null_b', value: null },
          { name: 'null_c', value: 3 },
        ]),
      );
      expect(report).toMatchObject({ accepted: 2, rejected: [{ index: 1, reason: 'value_invalid' }] });
      const page = await scrape(server);
      expect(['null_a', 'null_b', 'null_c'].map((name) => valueOn(page, name))).toEqual([1, undefined, 3]);
    });

    it('refuses the whole batch because of it if strict handling is preferred', async () => {
      const items = [
        { name: 'strict_a', value: 1 },
        { name: 'strict_b', value: null },
      ];
      const answer = await pushed(items, { Prefer: 'handling=strict' });
      expect(answer.status).toBe(400);
      expect(await answer.json()).toMatchObject({ details: [{ path: '/body/metrics/1' }] });
      expect(valueOn(await scrape(server), 'strict_a')).toBeUndefined();
    });

    it('does not let an item set internal properties', async () => {
      await reportOf(await pushed([{ name: `${way}_inner_total`, value: 10 }]));
      const report = await reportOf(
        await pushed([
          { name: `${way}_inner_total`, value: -5, isStale: true },
          { name: `${way}_inner_a`, value: 1, histogram: null },
          { name: `${way}_inner_b`, value: 2, histogram: { name: 'inner', item: 0 }, startedAt: 1 },
        ]),
      );
      expect(report).toMatchObject({ accepted: 2, rejected: [{ index: 0, reason: 'negative_delta' }] });
      const page = await scrape(server);
      expect([`${way}_inner_total`, `${way}_inner_a`, `${way}_inner_b`].map((name) => valueOn(page, name))).toEqual([
        10, 1, 2,
      ]);
    });

    it('refuses names that would become only underscores', async () => {
      const names = ['температура', 'влажность', 'давление_total', '🚀', '!', '-'];
      const report = await reportOf(
        await pushed([
          ...names.map((name) => ({ name, value: 1 })),
          ...['имя', 'я', '-'].map((label) => ({ name: 'script', value: 1, labels: { [label]: 'x' } })),
          { name: 'größe', value: 7 },
          { name: '___', value: 8 },
        ]),
      );
      expect(report.rejected.map(({ reason }) => reason)).toEqual([
        ...names.map(() => 'name_invalid'),
        ...['имя', 'я', '-'].map(() => 'label_name_invalid'),
      ]);
      expect(report.rejected[0]!.message).toContain('температура has no character that Prometheus allows');
      const page = await scrape(server);
      expect([valueOn(page, 'gr__e'), valueOn(page, '___')]).toEqual([7, 8]);
    });
  });

  it('reads a time without an offset as UTC, whatever the time zone of the server', async () => {
    const now = new Date(Math.floor(Date.now() / 1_000) * 1_000 - 60_000);
    const text = now.toISOString().slice(0, 19);
    const times = [text, text.replace('T', ' '), `${text}.000`];
    const report = await reportOf(
      await pushBy(
        'short',
        times.map((timestamp, index) => ({ name: `time_${index}`, value: 1, timestamp })),
      ),
    );
    expect(report.rejected).toEqual([]);
    for (const index of times.keys()) {
      const from = encodeURIComponent(text.replace('T', ' '));
      const { samples } = await getJson<{ samples: { at: string }[] }>(
        server,
        `/api/history/samples?metric=time_${index}&from=${from}`,
      );
      expect(samples.map(({ at }) => at)).toEqual([now.toISOString()]);
    }
    const token = await post('/api/admin/tokens', ADMIN_TOKEN, {
      name: 't',
      scopes: ['read'],
      expiresAt: '2030-01-01T00:00',
    });
    expect(await token.json()).toMatchObject({ expiresAt: '2030-01-01T00:00:00.000Z' });
  });

  it('finds series without a label that every object seems to have', async () => {
    await pushBy('short', [
      { name: 'proto', value: 1 },
      { name: 'proto', value: 2, labels: { constructor: 'x', toString: 'y' } },
    ]);
    const seriesOf = async (label: string) =>
      (await getJson<{ series: { labels: object }[] }>(server, `/api/history/series?metric=proto&label=${label}`))
        .series.length;
    expect([await seriesOf('constructor='), await seriesOf('constructor=x'), await seriesOf('valueOf=')]).toEqual([
      1, 1, 2,
    ]);
  });

  it('refuses long texts before it uses them', async () => {
    const long = 'x'.repeat(4 * MEGABYTE);
    await expectQuick(async () => {
      const samples = Array.from({ length: 9_000 }, () => ({ labels: {}, value: 1 }));
      expect((await impact({ name: long, type: 'counter', samples })).status).toBe(200);
      expect((await impact({ name: 'impact', help: long, type: 'counter', samples })).status).toBe(200);
    });
    await expectQuick(async () => {
      const buckets = Array.from({ length: 400 }, (_, le) => ({ le, count: 0 }));
      const sample = { labels: { a: long }, count: 0, sum: 0, buckets };
      expect((await impact({ name: 'impact', type: 'histogram', samples: [sample] })).status).toBe(200);
      const le = '1'.repeat(MEGABYTE);
      const slow = { labels: {}, count: 0, sum: 0, buckets: [{ le: `${le}x`, count: 0 }] };
      expect((await impact({ name: 'impact', type: 'histogram', samples: [slow] })).status).toBe(200);
    });
    await expectQuick(async () => {
      const value = await pushBy('short', [{ name: 'n', value: `${'1'.repeat(MEGABYTE)}x` }]);
      expect(value.status).toBe(400);
      const report = await reportOf(await pushBy('short', [{ name: 'n', value: 1, labels: { [long]: '' } }]));
      expect(report.rejected).toMatchObject([{ reason: 'label_name_too_long' }]);
    });
    await expectQuick(async () => {
      const dataPoints = Array.from({ length: 9_000 }, () => ({ asInt: '1', timeUnixNano: `${Date.now()}000000` }));
      for (const metric of [
        { name: long, unit: 's', gauge: { dataPoints } },
        { name: 'g', unit: long, gauge: { dataPoints } },
      ]) {
        const answer = await post('/v1/metrics', INGEST_TOKEN, {
          resourceMetrics: [{ scopeMetrics: [{ metrics: [metric] }] }],
        });
        expect(await answer.json()).toMatchObject({ partialSuccess: { rejectedDataPoints: '9000' } });
      }
    });
  });

  it('stores an export whose key a client has tried to take', async () => {
    const dataPoints = [{ asInt: '5', timeUnixNano: `${Date.now()}000000` }];
    const body = { resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: 'exported', gauge: { dataPoints } }] }] }] };
    const hash = createHash('sha256').update(JSON.stringify(body)).digest('hex');
    const keys = [`otlp:${hash}:0`, `otlp ${hash} 0`];
    const answers = await Promise.all(
      keys.map((key, index) => pushBy('short', [{ name: `key_${index}`, value: 1 }], { 'Idempotency-Key': key })),
    );
    expect(answers.map(({ status }) => status)).toEqual([202, 400]);
    expect((await post('/v1/metrics', INGEST_TOKEN, body)).status).toBe(200);
    expect(valueOn(await scrape(server), 'exported')).toBe(5);
  });

  it('takes the value of an impact metric as text', async () => {
    await impact({ name: 'text_value', type: 'counter', samples: [{ labels: {}, value: '3' }] });
    expect(await scrape(server)).toMatch(/^text_value\{.*\} 3$/m);
  });
});
