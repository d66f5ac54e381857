import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import protobuf from 'protobufjs/light.js';
import { parseExposition } from '../support/exposition-parser.js';
import {
  ADMIN_TOKEN,
  getJson,
  INGEST_TOKEN,
  scrape,
  startServer,
  type TestServer,
  valueOn,
} from '../support/server.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

const OTEL_APP = path.join(import.meta.dirname, '../support/otel-app.mjs');

interface Way {
  readonly temporality: 'delta' | 'cumulative';
  readonly encoding: 'protobuf' | 'json';
  readonly compression?: 'gzip';
}

const WAYS: readonly Way[] = [
  { temporality: 'delta', encoding: 'protobuf' },
  { temporality: 'delta', encoding: 'json', compression: 'gzip' },
  { temporality: 'cumulative', encoding: 'protobuf', compression: 'gzip' },
  { temporality: 'cumulative', encoding: 'json' },
];

/** The answers of the protocol, written down once more: the server's own schema could hide its own mistakes. */
const ANSWERS = protobuf.Root.fromJSON({
  nested: {
    Response: { fields: { partialSuccess: { id: 1, type: 'PartialSuccess' } } },
    PartialSuccess: {
      fields: { rejectedDataPoints: { id: 1, type: 'int64' }, errorMessage: { id: 2, type: 'string' } },
    },
    Status: { fields: { code: { id: 1, type: 'int32' }, message: { id: 2, type: 'string' } } },
  },
});

interface Answer {
  readonly status: number;
  readonly mediaType: string | null;
  readonly retryAfter: string | null;
  readonly body: Record<string, unknown>;
}

describe('OTLP/HTTP', () => {
  let database: TestDatabase;
  let server: TestServer;

  beforeAll(async () => {
    database = await createTestDatabase();
    server = await startServer({
      DATABASE_URL: database.url,
      INGEST_MAX_SAMPLES: '50',
      INGEST_MAX_BODY_BYTES: '100000',
    });
  });

  afterAll(async () => {
    await server?.stop();
    await database?.drop();
  });

  /** Runs an app with the OpenTelemetry SDK, and returns what it warns of. */
  async function runApp(app: 'shop' | 'exponential' | 'replayed', way: Way, url = server.url): Promise<string> {
    const given = { app, url: `${url}/v1/metrics`, token: INGEST_TOKEN, ...way };
    const env = { PATH: process.env.PATH, OTEL_APP: JSON.stringify(given) };
    return (await promisify(execFile)(process.execPath, [OTEL_APP], { env })).stdout;
  }

  async function send(
    body: Buffer | object,
    { headers = {}, encoding = 'json' }: { headers?: Record<string, string>; encoding?: Way['encoding'] } = {},
  ): Promise<Answer> {
    const response = await fetch(`${server.url}/v1/metrics`, {
      method: 'POST',
      headers: {
        Authorization: `Bearer ${INGEST_TOKEN}`,
        'Content-Type': encoding === 'json' ? 'application/json' : 'application/x-protobuf',
        ...headers,
      },
      body: Buffer.isBuffer(body) ? body : JSON.stringify(body),
    });
    const bytes = Buffer.from(await response.arrayBuffer());
    const mediaType = response.headers.get('content-type');
    const type = ANSWERS.lookupType(response.ok ? 'Response' : 'Status');
    return {
      status: response.status,
      mediaType,
      retryAfter: response.headers.get('retry-after'),
      body:
        mediaType === 'application/x-protobuf'
          ? type.toObject(type.decode(bytes), { longs: String })
          : (JSON.parse(bytes.toString()) as Record<string, unknown>),
    };
  }

  const requestOf = (...metrics: object[]) => ({ resourceMetrics: [{ scopeMetrics: [{ metrics }] }] });
  const now = () => `${Date.now()}000000`;
  const sumOf = (name: string, value: number, aggregationTemporality = 1, isMonotonic = true) => ({
    name,
    sum: { dataPoints: [{ asDouble: value, timeUnixNano: now() }], aggregationTemporality, isMonotonic },
  });

  /** What is stored of a metric, in the order of time, and then of arrival. */
  async function storedValues(metric: string, label: string): Promise<number[]> {
    const { samples } = await getJson<{ samples: { value: number }[] }>(
      server,
      `/api/history/samples?metric=${metric}&label=${encodeURIComponent(label)}`,
    );
    return samples.map(({ value }) => value);
  }

  describe.each(WAYS)('an app with the SDK, $temporality in $encoding', (way) => {
    const service = `${way.temporality}-${way.encoding}`;
    const labels = `instance="i-1",job="shop/${service}"`;
    const jobLabel = `job=shop/${service}`;

    beforeAll(async () => {
      expect(await runApp('shop', way)).toBe('');
    });

    it('ends with the exact values on the page', async () => {
      const page = await scrape(server);
      const series = (name: string, more = '') => valueOn(page, `${name}{${more}${labels}}`);
      expect(valueOn(page, `orders_placed_total{${labels},pay_method="card"}`)).toBe(7.5);
      expect(valueOn(page, `carts_open{${labels},pay_method="card"}`)).toBe(-2);
      expect(series('room_temperature_celsius')).toBe(22);
      expect(page).toContain('# HELP room_temperature_celsius How warm it is');
      expect(page).toContain('# TYPE order_duration_seconds histogram');
      const bucket = (bound: string) => valueOn(page, `order_duration_seconds_bucket{${labels},le="${bound}"}`);
      // 0.25, 0.75, 4 and 0.5, 1.5, 8
      expect(['0.5', '1', '2.5', '+Inf'].map(bucket)).toEqual([2, 3, 4, 6]);
      expect(series('order_duration_seconds_sum')).toBe(15);
      expect(series('order_duration_seconds_count')).toBe(6);
      expect(() => parseExposition(page, 'text')).not.toThrow();
    });

    it('ends with the exact values in the history', async () => {
      const isDelta = way.temporality === 'delta';
      expect(await storedValues('orders_placed_total', jobLabel)).toEqual(isDelta ? [2.5, 5] : [2.5, 7.5]);
      // What this SDK prefers for up-down counters is cumulative in both cases.
      expect(await storedValues('carts_open', jobLabel)).toEqual([5, -2]);
      expect(await storedValues('room_temperature_celsius', jobLabel)).toEqual([21, 22]);
      expect(await storedValues('order_duration_seconds_count', jobLabel)).toEqual(isDelta ? [3, 3] : [3, 6]);
      expect(await storedValues('order_duration_seconds_sum', jobLabel)).toEqual(isDelta ? [5, 10] : [5, 15]);
    });

    it('is told about by target_info', async () => {
      const info = parseExposition(await scrape(server), 'text').find(({ name }) => name === 'target_info');
      expect(info?.samples.map((each) => each.labels)).toContainEqual({
        job: `shop/${service}`,
        instance: 'i-1',
        host_name: 'h-1',
        process_command_args: '["node","app.js"]',
      });
    });
  });

  it('adds up an up-down counter that is sent as changes', async () => {
    for (const value of [5, -7.5, 1])
      expect(await send(requestOf(sumOf('jobs.running', value, 1, false)))).toMatchObject({ status: 200 });
    const page = await scrape(server);
    expect(page).toContain('# TYPE jobs_running gauge');
    expect(valueOn(page, 'jobs_running')).toBe(-1.5);
  });

  it.each(['json', 'protobuf'] as const)('stores a body in %s that is sent again once', async (encoding) => {
    const name = `replayed.${encoding}`;
    const exponential = { name: 'e', exponentialHistogram: { dataPoints: [{}] } };
    const bodies: Record<typeof encoding, Buffer> = {
      json: Buffer.from(JSON.stringify(requestOf(sumOf(name, 3), exponential))),
      protobuf: await exportOfApp(),
    };
    const first = await send(bodies[encoding], { encoding });
    expect(first.status).toBe(200);
    expect(await send(bodies[encoding], { encoding })).toEqual(first);
    const zipped = { encoding, headers: { 'Content-Encoding': 'gzip' } };
    expect(await send(gzipSync(bodies[encoding]), zipped)).toEqual(first);
    const page = await scrape(server);
    expect(
      parseExposition(page, 'text').find((each) => each.name === `replayed_${encoding}_total`)?.samples,
    ).toMatchObject([{ value: 3 }]);
  });

  it('counts equal bodies each time if they do not say when it was', async () => {
    const timeless = requestOf({
      name: 'timeless',
      sum: { dataPoints: [{ asInt: '1' }], aggregationTemporality: 1, isMonotonic: true },
    });
    for (let time = 0; time < 2; time++) expect((await send(timeless)).status).toBe(200);
    expect(valueOn(await scrape(server), 'timeless_total')).toBe(2);
  });

  it('refuses an exponential histogram in a partial success, and stores the others', async () => {
    const warnings = await runApp('exponential', { temporality: 'delta', encoding: 'protobuf' });
    expect(warnings).toMatch(/Partial Success.*exponential histogram.*explicit_bucket_histogram/s);
    const names = parseExposition(await scrape(server), 'text').map(({ name }) => name);
    expect(names).toContain('beside_it_total');
    expect(names.filter((name) => name.startsWith('spread'))).toEqual([]);
  });

  it('says how many data points were not taken, and why', async () => {
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
    const { status, mediaType, body } = await send(requestOf(histogram, sumOf('falling', -1), sumOf('rising', 1)));
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

  it('takes a whole export with more samples than INGEST_MAX_SAMPLES, in parts, once', async () => {
    const metrics = Array.from({ length: 130 }, (_, index) => sumOf(`many.${index}`, 1));
    const body = Buffer.from(JSON.stringify(requestOf(...metrics)));
    for (let time = 0; time < 2; time++) expect(await send(body)).toMatchObject({ status: 200, body: {} });
    const page = await scrape(server);
    expect(metrics.map((_, index) => valueOn(page, `many_${index}_total`))).toEqual(metrics.map(() => 1));

    const timeless = metrics.map(({ name }) => ({ name, gauge: { dataPoints: [{ asInt: 1 }] } }));
    const refused = await send(requestOf(...timeless));
    expect(refused.status).toBe(400);
    expect(refused.body.message).toContain('INGEST_MAX_SAMPLES');
  });

  describe('errors', () => {
    it.each(['json', 'protobuf'] as const)('are answered in %s like the request', async (encoding) => {
      const answer = await send(Buffer.from([0x0a, 0x7f, 0x01]), { encoding });
      expect(answer).toMatchObject({
        status: 400,
        mediaType: encoding === 'json' ? 'application/json' : 'application/x-protobuf',
        body: { code: 3, message: expect.stringContaining(encoding === 'json' ? 'JSON' : 'protobuf') as string },
      });
    });

    it('ask for a token before they look at the body', async () => {
      const bad = Buffer.from('no JSON');
      const wrongType = { 'Content-Type': 'text/plain' };
      expect(await send(bad, { headers: { ...wrongType, Authorization: 'Bearer wrong' } })).toMatchObject({
        status: 401,
        body: { code: 16 },
      });
      const admin = { Authorization: `Bearer ${ADMIN_TOKEN}` };
      expect(await send(bad, { headers: admin, encoding: 'protobuf' })).toMatchObject({
        status: 403,
        body: { code: 7 },
      });
      const answer = await send(bad, { headers: wrongType });
      expect(answer).toMatchObject({ status: 415, mediaType: 'application/json', body: { code: 3 } });
      expect(answer.body.message).toContain('http/protobuf');
      expect(await send(bad, { headers: { 'Content-Encoding': 'br' } })).toMatchObject({ status: 415 });
      expect(await send(bad, { headers: { 'Content-Encoding': 'gzip' } })).toMatchObject({ status: 400 });
    });

    it('stop a body that inflates to more than INGEST_MAX_BODY_BYTES', async () => {
      const bomb = gzipSync(Buffer.alloc(100_001));
      const headers = { 'Content-Encoding': 'gzip' };
      expect(await send(bomb, { headers, encoding: 'protobuf' })).toMatchObject({ status: 413, body: { code: 8 } });
    });

    it('that pass say when to come again', async () => {
      const limited = await startServer({ DATABASE_URL: database.url, INGEST_RATE_LIMIT_PER_MINUTE: '1' });
      const before = server;
      server = limited;
      try {
        expect(await send(requestOf())).toMatchObject({ status: 200, body: {} });
        const answer = await send(requestOf());
        expect(answer).toMatchObject({ status: 429, body: { code: 8 } });
        expect(Number(answer.retryAfter)).toBeGreaterThan(0);
      } finally {
        server = before;
        await limited.stop();
      }
    });
  });

  it('names metrics and labels as the settings say', async () => {
    const other = await startServer({
      DATABASE_URL: database.url,
      OTLP_METRIC_SUFFIXES: 'false',
      OTLP_PROMOTE_RESOURCE_ATTRIBUTES: 'host.name,cloud.region',
      OTLP_SCOPE_LABELS: 'true',
    });
    const before = server;
    server = other;
    try {
      const resource = { attributes: [{ key: 'host.name', value: { stringValue: 'h' } }] };
      const scopeMetrics = [{ scope: { name: 'lib', version: '2' }, metrics: [sumOf('plainly.named', 1)] }];
      expect(await send({ resourceMetrics: [{ resource, scopeMetrics }] })).toMatchObject({ status: 200, body: {} });
      const labels = 'host_name="h",otel_scope_name="lib",otel_scope_version="2"';
      expect(valueOn(await scrape(other), `plainly_named{${labels}}`)).toBe(1);
    } finally {
      server = before;
      await other.stop();
    }
  });

  it('needs nothing but the environment that the documentation shows', async () => {
    const text = await readFile(path.join(import.meta.dirname, '../../docs/opentelemetry.md'), 'utf8');
    const lines = /```sh\n(.*?)```/s.exec(text)![1]!.trim().split('\n');
    const documented = Object.fromEntries(lines.map((line) => line.split(/=(.*)/s, 2))) as Record<string, string>;
    const env = {
      ...documented,
      PATH: process.env.PATH!,
      OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: `${server.url}/v1/metrics`,
      OTEL_EXPORTER_OTLP_METRICS_HEADERS: documented
        .OTEL_EXPORTER_OTLP_METRICS_HEADERS!.replaceAll('"', '')
        .replace('$TOKEN', INGEST_TOKEN),
      OTEL_APP: JSON.stringify({ app: 'documented' }),
    };
    for (let run = 0; run < 2; run++) {
      expect((await promisify(execFile)(process.execPath, [OTEL_APP], { env })).stdout).toBe('');
    }
    // Deltas of two processes, added up.
    expect(valueOn(await scrape(server), 'documented_total')).toBe(8);
  });

  /** The bytes that the SDK sends. */
  async function exportOfApp(): Promise<Buffer> {
    const chunks: Buffer[] = [];
    const recorder = createServer((request, response) => {
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => response.writeHead(200).end());
    });
    await once(recorder.listen(0, '127.0.0.1'), 'listening');
    const { port } = recorder.address() as AddressInfo;
    await runApp('replayed', { temporality: 'delta', encoding: 'protobuf' }, `http://127.0.0.1:${port}`);
    recorder.closeAllConnections();
    recorder.close();
    return Buffer.concat(chunks);
  }
});
