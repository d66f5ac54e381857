import { gzipSync } from 'node:zlib';
import { parseExposition } from '../support/exposition-parser.js';
import { now, recordOtelExport, requestOf, sendOtlp, sumOf } from '../support/otlp.js';
import { ADMIN_TOKEN, scrape, startServer, valueOn } from '../support/server.js';
import { serviceUnderTest } from '../support/service-under-test.js';

describe('OTLP/HTTP', () => {
  const server = serviceUnderTest({ INGEST_MAX_SAMPLES: '50', INGEST_MAX_BODY_BYTES: '100000' });

  it('adds up an up-down counter that is sent as changes', async () => {
    for (const value of [5, -7.5, 1])
      expect(await sendOtlp(server, requestOf(sumOf('jobs.running', value, 1, false)))).toMatchObject({ status: 200 });
    const page = await scrape(server);
    expect(page).toContain('# TYPE jobs_running gauge');
    expect(valueOn(page, 'jobs_running')).toBe(-1.5);
  });

  it.each(['json', 'protobuf'] as const)('stores a body in %s that is sent again once', async (encoding) => {
    const name = `replayed.${encoding}`;
    const exponential = { name: 'e', exponentialHistogram: { dataPoints: [{ timeUnixNano: now() }] } };
    const bodies: Record<typeof encoding, Buffer> = {
      json: Buffer.from(JSON.stringify(requestOf(sumOf(name, 3), exponential))),
      protobuf: await recordOtelExport(),
    };
    const first = await sendOtlp(server, bodies[encoding], { encoding });
    expect(first.status).toBe(200);
    expect(await sendOtlp(server, bodies[encoding], { encoding })).toEqual(first);
    const zipped = { encoding, headers: { 'Content-Encoding': 'gzip' } };
    expect(await sendOtlp(server, gzipSync(bodies[encoding]), zipped)).toEqual(first);
    const page = await scrape(server);
    expect(
      parseExposition(page, 'text').find((each) => each.name === `replayed_${encoding}_total`)?.samples,
    ).toMatchObject([{ value: 3 }]);
  });

  it('counts equal bodies each time if they contain no times', async () => {
    const timeless = requestOf({
      name: 'timeless',
      sum: { dataPoints: [{ asInt: '1' }], aggregationTemporality: 1, isMonotonic: true },
    });
    for (let time = 0; time < 2; time++) expect((await sendOtlp(server, timeless)).status).toBe(200);
    expect(valueOn(await scrape(server), 'timeless_total')).toBe(2);
  });

  it('reports how many data points were refused, and why', async () => {
    const histogram = {
      name: 'orders.size',
      histogram: {
        aggregationTemporality: 1,
        dataPoints: [
          { count: '2', sum: 3, bucketCounts: ['1', '1'], explicitBounds: [1], timeUnixNano: now() },
          { count: '9', sum: 3, bucketCounts: ['1', '1'], explicitBounds: [1], timeUnixNano: now() },
        ],
      },
    };
    const { status, mediaType, body } = await sendOtlp(
      server,
      requestOf(histogram, sumOf('falling', -1), sumOf('rising', 1)),
    );
    expect({ status, mediaType }).toEqual({ status: 200, mediaType: 'application/json' });
    const { rejectedDataPoints, errorMessage } = body.partialSuccess as Record<string, string>;
    expect(rejectedDataPoints).toBe('2');
    expect(errorMessage).toContain('falling_total is a counter that takes deltas');
    expect(errorMessage).toContain('orders_size');
    const page = await scrape(server);
    expect(valueOn(page, 'rising_total')).toBe(1);
    expect(valueOn(page, 'orders_size_count')).toBe(2);
    expect(page).not.toContain('falling_total{');
  });

  it('stores an export with more samples than INGEST_MAX_SAMPLES completely, in parts, and once', async () => {
    const metrics = Array.from({ length: 130 }, (_, index) => sumOf(`many.${index}`, 1));
    const body = Buffer.from(JSON.stringify(requestOf(...metrics)));
    for (let time = 0; time < 2; time++) expect(await sendOtlp(server, body)).toMatchObject({ status: 200, body: {} });
    const page = await scrape(server);
    expect(metrics.map((_, index) => valueOn(page, `many_${index}_total`))).toEqual(metrics.map(() => 1));

    const timeless = metrics.map(({ name }) => ({ name, gauge: { dataPoints: [{ asInt: 1 }] } }));
    const refused = await sendOtlp(server, requestOf(...timeless));
    expect(refused.status).toBe(400);
    expect(refused.body.message).toContain('INGEST_MAX_SAMPLES');
  });

  describe('errors', () => {
    it.each(['json', 'protobuf'] as const)('are answered in %s like the request', async (encoding) => {
      const answer = await sendOtlp(server, Buffer.from([0x0a, 0x7f, 0x01]), { encoding });
      expect(answer).toMatchObject({
        status: 400,
        mediaType: encoding === 'json' ? 'application/json' : 'application/x-protobuf',
        body: { code: 3, message: expect.stringContaining(encoding === 'json' ? 'JSON' : 'protobuf') as string },
      });
    });

    it('require a token before the body is read', async () => {
      const bad = Buffer.from('no JSON');
      const wrongType = { 'Content-Type': 'text/plain' };
      expect(await sendOtlp(server, bad, { headers: { ...wrongType, Authorization: 'Bearer wrong' } })).toMatchObject({
        status: 401,
        body: { code: 16 },
      });
      const admin = { Authorization: `Bearer ${ADMIN_TOKEN}` };
      expect(await sendOtlp(server, bad, { headers: admin, encoding: 'protobuf' })).toMatchObject({
        status: 403,
        body: { code: 7 },
      });
      const answer = await sendOtlp(server, bad, { headers: wrongType });
      expect(answer).toMatchObject({ status: 415, mediaType: 'application/json', body: { code: 3 } });
      expect(answer.body.message).toContain('http/protobuf');
      expect(await sendOtlp(server, bad, { headers: { 'Content-Encoding': 'br' } })).toMatchObject({ status: 415 });
      expect(await sendOtlp(server, bad, { headers: { 'Content-Encoding': 'gzip' } })).toMatchObject({ status: 400 });
    });

    it('stop a body that inflates to more than INGEST_MAX_BODY_BYTES', async () => {
      const bomb = gzipSync(Buffer.alloc(100_001));
      const headers = { 'Content-Encoding': 'gzip' };
      expect(await sendOtlp(server, bomb, { headers, encoding: 'protobuf' })).toMatchObject({
        status: 413,
        body: { code: 8 },
      });
    });

    it('that are temporary say when to retry', async () => {
      const limited = await startServer({ DATABASE_URL: server.databaseUrl, INGEST_RATE_LIMIT_PER_MINUTE: '1' });
      try {
        expect(await sendOtlp(limited, requestOf())).toMatchObject({ status: 200, body: {} });
        const answer = await sendOtlp(limited, requestOf());
        expect(answer).toMatchObject({ status: 429, body: { code: 8 } });
        expect(Number(answer.retryAfter)).toBeGreaterThan(0);
      } finally {
        await limited.stop();
      }
    });
  });

  it('names metrics and labels as the settings say', async () => {
    const other = await startServer({
      DATABASE_URL: server.databaseUrl,
      OTLP_METRIC_SUFFIXES: 'false',
      OTLP_PROMOTE_RESOURCE_ATTRIBUTES: 'host.name,cloud.region',
      OTLP_SCOPE_LABELS: 'true',
    });
    try {
      const resource = { attributes: [{ key: 'host.name', value: { stringValue: 'h' } }] };
      const scopeMetrics = [{ scope: { name: 'lib', version: '2' }, metrics: [sumOf('plainly.named', 1)] }];
      expect(await sendOtlp(other, { resourceMetrics: [{ resource, scopeMetrics }] })).toMatchObject({
        status: 200,
        body: {},
      });
      const labels = 'host_name="h",otel_scope_name="lib",otel_scope_version="2"';
      expect(valueOn(await scrape(other), `plainly_named{${labels}}`)).toBe(1);
    } finally {
      await other.stop();
    }
  });
});
