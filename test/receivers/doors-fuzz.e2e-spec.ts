import { once } from 'node:events';
import { connect } from 'node:net';
import { promisify } from 'node:util';
import { gzip, gzipSync } from 'node:zlib';
import { EXPORT_REQUEST } from '../../src/receivers/otlp/encoding/otlp-schema.js';
import { parseExposition } from '../support/exposition-parser.js';
import { INGEST_TOKEN, scrape, startServer, type TestServer } from '../support/server.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

const SEED = Number(process.env.DOORS_FUZZ_SEED ?? 1);
const ROUNDS = 40;

/** What takes longer hangs. On a busy machine the slowest takes a second, and without its limit minutes or all the memory. */
const ANSWER_TIMEOUT_MS = 30_000;

const FRONTEND_TOKEN = `test:development.${'f'.repeat(56)}`;
const JSON_TYPE = 'application/json';

interface Door {
  readonly method: string;
  readonly path: string;
  readonly type: string;
  readonly token: string;
  /** What a client sends. */
  readonly body: Buffer;
}

const IMPACT = JSON.stringify({
  appName: 'shop',
  instanceId: 'a',
  bucket: { start: '2026-01-01T00:00:00Z', stop: '2026-01-01T00:01:00Z', toggles: { flag: { yes: 1, no: 2 } } },
  impactMetrics: [
    { name: 'fuzz_c', help: 'Help', type: 'counter', samples: [{ labels: { appName: 'shop' }, value: 1 }] },
    { name: 'fuzz_g', help: 'Help', type: 'gauge', samples: [{ labels: { a: 'b' }, value: -1.5e3 }] },
    {
      name: 'fuzz_h',
      type: 'histogram',
      samples: [
        {
          labels: {},
          count: 3,
          sum: 4.5,
          buckets: [
            { le: 1, count: 1 },
            { le: '+Inf', count: 3 },
          ],
        },
      ],
    },
  ],
});

const attribute = (key: string, stringValue: string) => ({ key, value: { stringValue } });
const timeUnixNano = `${Date.now()}000000`;

const OTLP = JSON.stringify({
  resourceMetrics: [
    {
      resource: { attributes: [attribute('service.name', 'shop'), attribute('host.name', 'h')] },
      scopeMetrics: [
        {
          scope: { name: 'lib', version: '1' },
          metrics: [
            {
              name: 'fuzz.sum',
              sum: { isMonotonic: true, aggregationTemporality: 1, dataPoints: [{ timeUnixNano, asInt: '3' }] },
            },
            {
              name: 'fuzz.gauge',
              unit: 's',
              gauge: { dataPoints: [{ attributes: [attribute('a', 'b')], asDouble: 1.5 }] },
            },
            {
              name: 'fuzz.histogram',
              histogram: {
                aggregationTemporality: 1,
                dataPoints: [{ timeUnixNano, count: '3', sum: 4, bucketCounts: ['1', '2'], explicitBounds: [1] }],
              },
            },
          ],
        },
      ],
    },
  ],
});

const PROTOBUF = Buffer.from(EXPORT_REQUEST.encode(EXPORT_REQUEST.fromObject(JSON.parse(OTLP))).finish());

const PAGE = `# HELP fuzz_page Help
# TYPE fuzz_page counter
fuzz_page{a="b\\n",c="d"} 3
# TYPE fuzz_page_h histogram
fuzz_page_h_bucket{le="1"} 1
fuzz_page_h_bucket{le="+Inf"} 2
fuzz_page_h_sum 3
fuzz_page_h_count 2
fuzz_page_free -1.5e3 ${Date.now()}
`;

const door = (method: string, path: string, type: string, body: string | Buffer, token = INGEST_TOKEN): Door => ({
  method,
  path,
  type,
  token,
  body: Buffer.from(body),
});

const BULK = JSON.stringify({ applications: [], metrics: [], impactMetrics: JSON.parse(IMPACT).impactMetrics });

const DOORS: readonly Door[] = [
  door('POST', '/api/client/metrics', JSON_TYPE, IMPACT),
  door('POST', '/api/client/metrics/bulk', JSON_TYPE, BULK),
  door('POST', '/api/frontend/client/metrics', JSON_TYPE, IMPACT, FRONTEND_TOKEN),
  door('POST', '/v1/metrics', JSON_TYPE, OTLP),
  door('POST', '/v1/metrics', 'application/x-protobuf', PROTOBUF),
  door('POST', '/api/push', 'text/plain; version=0.0.4', PAGE),
  door('POST', '/api/push', 'application/openmetrics-text', `${PAGE.replace(/ \d{13}$/m, '')}# EOF\n`),
  door('PUT', '/metrics/job/fuzz/instance/a', 'text/plain', PAGE),
  door('POST', '/metrics/job/fuzz/instance/b', 'text/plain', PAGE),
];

/** What parsers have stumbled over. */
const NASTY: readonly Buffer[] = [
  '\0',
  '"\\ud800"',
  '\\u0000',
  '1e999',
  '-0',
  '9007199254740993',
  'null',
  '{}',
  '[]',
  '"__proto__":{"a":1},',
  '"constructor":1,',
  '"name":"x",',
  'NaN',
  '+Inf',
  '{le="',
  '\n#',
  ' # TYPE fuzz_page gauge\n',
  '[['.repeat(5_000),
  '{"a":'.repeat(5_000),
]
  .map((text) => Buffer.from(text))
  .concat([Buffer.from([0xff, 0xfe, 0xc0, 0x80]), Buffer.from([0xed, 0xa0, 0x80]), Buffer.alloc(9, 0x0a)]);

/** A small generator of numbers (mulberry32), so that a seed tells the whole run. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const random = randomFrom(SEED);
const oneOf = <T>(list: readonly T[]): T => list[random(list.length)]!;

function mutate(body: Buffer): Buffer {
  let mutated = body;
  for (let times = random(4); times >= 0; times--) {
    const at = random(mutated.length + 1);
    const [before, after] = [mutated.subarray(0, at), mutated.subarray(at)];
    switch (random(4)) {
      case 0:
        mutated = Buffer.concat([before, oneOf(NASTY), after]);
        break;
      case 1:
        mutated = Buffer.concat([before, after.subarray(random(8))]);
        break;
      case 2:
        mutated = Buffer.concat([before, mutated.subarray(random(mutated.length + 1), at + random(50)), after]);
        break;
      default:
        mutated = Buffer.concat([before, Buffer.from([random(256)]), after.subarray(1)]);
    }
  }
  return mutated;
}

const list = (count: number, each: (index: number) => string): string =>
  Array.from({ length: count }, (_, i) => each(i)).join();
const otlp = (metric: string, scope = '{}') =>
  `{"resourceMetrics":[{"scopeMetrics":[{"scope":${scope},"metrics":[${metric}]}]}]}`;
const keys = (count: number) => list(count, (index) => `{"key":"k${index}","value":{"stringValue":"v"}}`);

/** Bodies whose halves multiply each other. */
const PRODUCTS: readonly (readonly [title: string, door: Door])[] = [
  [
    'labels by buckets in OTLP',
    door(
      'POST',
      '/v1/metrics',
      JSON_TYPE,
      otlp(
        `{"name":"x","histogram":{"aggregationTemporality":1,"dataPoints":[{"timeUnixNano":"1","attributes":[${keys(40_000)}],` +
          `"count":1,"bucketCounts":[${list(200_001, () => '0')}],"explicitBounds":[${list(200_000, String)}]}]}}`,
      ),
    ),
  ],
  [
    'labels by quantiles in OTLP',
    door(
      'POST',
      '/v1/metrics',
      JSON_TYPE,
      otlp(
        `{"name":"x","summary":{"dataPoints":[{"attributes":[${keys(40_000)}],` +
          `"quantileValues":[${list(60_000, (index) => `{"quantile":${index / 1e6},"value":1}`)}]}]}}`,
      ),
    ),
  ],
  [
    'labels of a scope by points',
    door(
      'POST',
      '/v1/metrics',
      JSON_TYPE,
      otlp(
        `{"name":"x","gauge":{"dataPoints":[${list(50_000, () => '{"asInt":1}')}]}}`,
        `{"name":"s","attributes":[${keys(40_000)}]}`,
      ),
    ),
  ],
  [
    'labels of a group by lines',
    door(
      'PUT',
      `/metrics/job/x${Array.from({ length: 1_500 }, (_, index) => `/l${index}/v`).join('')}`,
      'text/plain',
      Array.from({ length: 300_000 }, (_, index) => `a${index} 1\n`).join(''),
    ),
  ],
  [
    'labels by buckets in impact metrics',
    door(
      'POST',
      '/api/client/metrics',
      JSON_TYPE,
      `{"appName":"a","impactMetrics":[{"name":"x","type":"histogram","samples":[{"labels":{${list(100_000, (index) => `"k${index}":"v"`)}},` +
        `"count":1,"sum":1,"buckets":[${list(9_000, (index) => `{"le":${index},"count":0}`)}]}]}]}`,
    ),
  ],
];

describe(`doors under bodies that nobody should send (seed ${SEED})`, () => {
  let database: TestDatabase;
  let server: TestServer;

  beforeAll(async () => {
    database = await createTestDatabase();
    server = await startServer({
      DATABASE_URL: database.url,
      INIT_FRONTEND_API_TOKENS: FRONTEND_TOKEN,
      OTLP_SCOPE_LABELS: 'true',
    });
  });

  afterAll(async () => {
    await server?.stop();
    await database?.drop();
  });

  afterEach(async () => {
    parseExposition(await scrape(server), 'text');
    expect(server.output()).not.toContain('"level":"error"');
  });

  async function send(
    { method, path, type, token, body }: Door,
    headers: Record<string, string> = {},
  ): Promise<number> {
    const response = await fetch(server.url + path, {
      method,
      headers: { Authorization: token, 'Content-Type': type, ...headers },
      body: Buffer.from(body),
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
    });
    await response.arrayBuffer();
    return response.status;
  }

  /** What a server answers to bytes; empty if it closes the connection without a word. */
  async function sendBytes(...parts: readonly (string | Buffer)[]): Promise<string> {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    let answer = '';
    socket.on('data', (chunk: Buffer) => (answer += chunk.toString('latin1'))).on('error', () => undefined);
    await once(socket, 'connect');
    for (const part of parts) socket.write(part);
    socket.end();
    await once(socket, 'close');
    return answer;
  }

  it('take what a client sends', async () => {
    for (const each of DOORS)
      expect({ path: each.path, isTaken: [200, 202].includes(await send(each)) }).toEqual({
        path: each.path,
        isTaken: true,
      });
  });

  it('answer mutated bodies with less than 500', async () => {
    const seen = new Set<number>();
    for (let round = 0; round < ROUNDS; round++) {
      await Promise.all(
        DOORS.map(async (each) => {
          const body = mutate(each.body);
          const isGzipped = random(4) === 0;
          const gzipped = isGzipped ? gzipSync(body) : body;
          const status = await send(
            {
              ...each,
              body: isGzipped && random(3) === 0 ? mutate(gzipped) : gzipped,
              type: random(10) === 0 ? oneOf(DOORS).type : each.type,
            },
            isGzipped ? { 'Content-Encoding': 'gzip' } : {},
          );
          if (status >= 500) throw new Error(`${each.path} answers ${status} to ${body.toString('base64')}`);
          seen.add(status);
        }),
      );
    }
    // Or the mutations would only ever meet the first check.
    expect([...seen]).toEqual(expect.arrayContaining([200, 202, 400, 415]));
  });

  it.each(PRODUCTS)('bound %s', async (_title, each) => {
    expect(each.body.length).toBeLessThan(5 * 1024 * 1024);
    expect(await send(each)).toBeLessThan(500);
  });

  it('inflate no bomb', async () => {
    // Not at once: connections that the server ends meanwhile would be taken for good ones.
    const bomb = await promisify(gzip)(Buffer.alloc(100 * 1024 * 1024, 0x20));
    for (const each of DOORS) expect(await send({ ...each, body: bomb }, { 'Content-Encoding': 'gzip' })).toBe(413);
  });

  it('answer methods that they do not have, and heads', async () => {
    for (const { path, token } of DOORS) {
      for (const method of ['HEAD', 'OPTIONS', 'PATCH', 'GET']) {
        const { status } = await fetch(server.url + path, { method, headers: { Authorization: token } });
        expect(status).toBeLessThan(500);
      }
    }
  });

  it('survive bodies that break off', async () => {
    for (const { method, path, type, token, body } of DOORS) {
      const head = `${method} ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: ${token}\r\nContent-Type: ${type}\r\n`;
      const half = body.subarray(0, body.length / 2);
      for (const parts of [
        [`${head}Content-Length: ${body.length}\r\n\r\n`, half],
        [`${head}Transfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n`, half],
        [`${head}Transfer-Encoding: chunked\r\n\r\nxyz\r\n`],
        [`${head}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n`],
        [`${head}Content-Length: -1\r\n\r\n`],
      ]) {
        expect(await sendBytes(...parts)).not.toMatch(/^HTTP\/1\.1 5/);
      }
    }
  });
});
