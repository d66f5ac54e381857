import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { snappyCompress } from 'hysnappy';
import { eventually } from '../support/eventually.js';
import { SeededRandom } from '../support/seeded-random.js';
import { mutate } from '../support/mutated-body.js';
import { RECEIVER_REQUESTS } from '../support/receiver-requests.js';
import { FRONTEND_TOKEN, INGEST_TOKEN, type TestServer } from '../support/server.js';
import { storeUnderTest } from '../support/service-under-test.js';

const MEGABYTE = 1024 * 1024;

/** The time for which hostile clients send before the server is told to stop, so that bodies of all kinds are being decoded. */
const SENDING_MS = 1_000;

/** Maximum time for a stop. It is forced after SHUTDOWN_TIMEOUT_MS, which is 10 s, and takes a fraction of a second here. */
const STOP_MS = 5_000;

const CLIENTS_OF_EACH_KIND = 4;

interface HostileBody {
  readonly path: string;
  readonly headers: Record<string, string>;
  /** Creates bodies, which are sent one after the other, again and again. */
  readonly bodies: readonly ((random: SeededRandom) => Buffer)[];
}

const SNAPPY = { 'Content-Type': 'application/x-protobuf', 'Content-Encoding': 'snappy' };
const GZIP = { 'Content-Encoding': 'gzip' };

/** A literal whose length is negative for a reader of signed numbers, which then moves backwards for ever. */
const NEGATIVE_LITERAL = Buffer.from('28fcfaffffff', 'hex');

/** The same for protobuf: a field whose length leads back to its start, in a message that is decoded in pieces. */
const NEGATIVE_FIELD = Buffer.concat([Buffer.from('0afaffffff0f', 'hex'), Buffer.alloc(64 * 1024, '\x0a\x00')]);

/** Four megabytes are announced and copied from a single byte, and the last copy is missing. */
const LONG_COPIES = Buffer.concat([
  Buffer.from([0x80, 0x80, 0x80, 0x02, 0x00, 0x61]),
  Buffer.alloc(3 * 65_530, Buffer.from([0xfe, 0x01, 0x00])),
]);

const remoteWrite = RECEIVER_REQUESTS.find(({ path }) => path === '/api/v1/write')!.body;
const otlp = RECEIVER_REQUESTS.find(({ path, type }) => path === '/v1/metrics' && type.includes('protobuf'))!.body;
const page = gzipSync('# TYPE a counter\na{b="c"} 1\n'.repeat(1_000));

const SNAPPY_BODIES: HostileBody['bodies'] = [
  () => NEGATIVE_LITERAL,
  () => LONG_COPIES,
  (random) => mutate(remoteWrite, random),
  () => Buffer.from('ffffffff0f', 'hex'),
];

/** Returns a function that returns the same body again and again. */
const always = (body: Buffer) => () => body;

const BODIES: Readonly<Record<string, HostileBody>> = {
  'Snappy to remote read': { path: '/api/v1/read', headers: SNAPPY, bodies: SNAPPY_BODIES },
  'Snappy to remote write': { path: '/api/v1/write', headers: SNAPPY, bodies: SNAPPY_BODIES },
  'Snappy around protobuf that ends early': {
    path: '/api/v1/write',
    headers: SNAPPY,
    bodies: ['\x0a\x7f', '\x0b', '\x0a\x00'].map((text) =>
      always(Buffer.from(snappyCompress(Buffer.alloc(MEGABYTE, text)))),
    ),
  },
  'gzip to the text page': {
    path: '/api/push',
    headers: { ...GZIP, 'Content-Type': 'text/plain' },
    bodies: [
      (random) => mutate(page, random),
      always(page.subarray(0, page.length / 2)),
      always(gzipSync(Buffer.alloc(4 * MEGABYTE))),
    ],
  },
  'gzip to JSON': {
    path: '/api/client/metrics/custom',
    headers: { ...GZIP, 'Content-Type': 'application/json' },
    bodies: [always(gzipSync('['.repeat(4 * MEGABYTE))), always(Buffer.alloc(MEGABYTE, gzipSync('')))],
  },
  'protobuf to OTLP': {
    path: '/v1/metrics',
    headers: { 'Content-Type': 'application/x-protobuf' },
    bodies: [
      (random) => mutate(otlp, random),
      always(NEGATIVE_FIELD),
      ...['\x0a\x00', '\x0b', '\x0b\x0c', '\x0a\x7f'].map((text) => always(Buffer.alloc(4 * MEGABYTE, text))),
    ],
  },
  'JSON to OTLP': {
    path: '/v1/metrics',
    headers: { ...GZIP, 'Content-Type': 'application/json' },
    bodies: [
      always(gzipSync('['.repeat(4 * MEGABYTE))),
      always(gzipSync(`{"resourceMetrics":[${'{},'.repeat(MEGABYTE)}{}]}`)),
      always(gzipSync('{"resourceMetrics":[1]}')),
    ],
  },
};

describe('SIGTERM while malformed bodies are being decoded', () => {
  const store = storeUnderTest('all');

  /** Sends one body after another until the server is gone, and notes the statuses of each kind of body. */
  async function sendUntilStopped(
    server: TestServer,
    openUrl: string,
    { path, headers, bodies }: HostileBody,
    seed: number,
    statuses: readonly Set<number>[],
  ): Promise<void> {
    const random = new SeededRandom(seed);
    const url = path === '/api/v1/read' ? openUrl : server.url;
    for (let turn = seed; server.process.exitCode === null && server.process.signalCode === null; turn++) {
      const body = bodies[turn % bodies.length]!(random) as Buffer<ArrayBuffer>;
      const answer = await fetch(url + path, {
        method: 'POST',
        headers: { Authorization: INGEST_TOKEN, ...headers },
        body,
      }).catch(() => undefined);
      await answer?.text().catch(() => undefined);
      if (answer === undefined) await sleep(10);
      else statuses[turn % bodies.length]!.add(answer.status);
    }
  }

  it.each(Object.keys(BODIES))('ends the process with 0 in time: %s', async (kind) => {
    const server = await store.start({ PROMQL_OPEN_PORT: '0', INIT_FRONTEND_API_TOKENS: FRONTEND_TOKEN });
    const openUrl = /PromQL without a token at (http:[^\s"]+)\/api\/v1/.exec(server.output())![1]!;
    const statuses = BODIES[kind]!.bodies.map(() => new Set<number>());
    const senders = Array.from({ length: CLIENTS_OF_EACH_KIND }, (_, seed) =>
      sendUntilStopped(server, openUrl, BODIES[kind]!, seed, statuses),
    );
    let ended: unknown[] | undefined;
    let tookMs = 0;
    try {
      await sleep(SENDING_MS);
      // A body that no decoder has refused yet would not be decoded during the stop either.
      const isRefused = (ofBody: ReadonlySet<number>) => [...ofBody].some((status) => status >= 400 && status < 500);
      await eventually(() => expect(statuses.map(isRefused)).toEqual(statuses.map(() => true)));
      const exited = once(server.process, 'exit');
      const startedAt = performance.now();
      server.process.kill('SIGTERM');
      ended = await Promise.race([exited, sleep(STOP_MS, ['still running'], { ref: false })]);
      tookMs = performance.now() - startedAt;
    } finally {
      // The senders go on until the server is gone.
      if (ended?.[0] !== 0) await server.kill();
    }
    await Promise.all(senders);
    expect(ended).toEqual([0, null]);
    expect(tookMs).toBeLessThan(STOP_MS);
    // A server that is stopping answers 503, with the time to retry.
    const failures = statuses.flatMap((ofBody) => [...ofBody]).filter((status) => status >= 500 && status !== 503);
    expect(failures).toEqual([]);
  });
});
