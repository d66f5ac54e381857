import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { MetricsClient } from './metrics-client.js';
import type { MetricsClientOptions } from './metrics-client.options.js';
import type { MetricsProblem } from './metrics-problem.js';

interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly atMs: number;
}

interface Answer {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  /** True to close the connection without an answer. */
  readonly isCut?: boolean;
  /** True to keep the connection open without an answer. */
  readonly isHeld?: boolean;
}

const TAKEN: Answer = { status: 202 };

/** Stands in for a server: gives the answers of a test, and then always `answerAll`. */
class ScriptedServer {
  readonly received: Received[] = [];
  answers: Answer[] = [];
  answerAll: Answer = TAKEN;
  url = '';
  private readonly server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { url: path = '', headers } = request;
      this.received.push({ path, headers, body: Buffer.concat(chunks), atMs: performance.now() });
      const { status = 202, headers: told = {}, body = '', isCut, isHeld } = this.answers.shift() ?? this.answerAll;
      if (isCut) response.destroy();
      else if (!isHeld) response.writeHead(status, told).end(body);
    });
  });

  async start(): Promise<void> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    this.url = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  /** Returns the sum of a counter over all batches, each of which counts only once. */
  sumOf(name: string): number {
    const byKey = new Map(this.received.map((each) => [each.headers['idempotency-key'], each]));
    return [...byKey.values()]
      .flatMap(itemsOf)
      .filter((item) => item.name === name)
      .reduce((sum, { value }) => sum + value, 0);
  }
}

function itemsOf({ headers, body }: Received): { name: string; value: number; labels?: object }[] {
  const json = headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
  return (JSON.parse(json.toString()) as { metrics: { name: string; value: number }[] }).metrics;
}

describe('MetricsClient', () => {
  let server: ScriptedServer;
  let clients: MetricsClient[];
  let dropped: MetricsProblem[];
  let errors: MetricsProblem[];

  beforeEach(async () => {
    server = new ScriptedServer();
    [clients, dropped, errors] = [[], [], []];
    await server.start();
  });

  afterEach(async () => {
    jest.useRealTimers();
    jest.restoreAllMocks();
    await Promise.all(clients.map((client) => client.close({ timeoutMs: 0 })));
    await server.stop();
  });

  /** Creates a client that does not send on its own unless an interval is given. */
  function connect(options: Partial<MetricsClientOptions> = {}): MetricsClient {
    const client = new MetricsClient({
      url: server.url,
      token: 'secret',
      intervalMs: 1_000_000,
      onDropped: (problem) => void dropped.push(problem),
      onError: (problem) => void errors.push(problem),
      ...options,
    });
    clients.push(client);
    return client;
  }

  test('sends collected values on its own, with a new key for each batch', async () => {
    const client = connect({ intervalMs: 50, labels: { app: 'shop' }, url: `${server.url}/behind/` });
    for (let n = 0; n < 10; n++) client.counter('orders_total', { help: 'Orders' }).add(1, { country: 'de' });
    client.counter('orders_total').add(5, { country: 'fr' });
    while (server.received.length === 0) await sleep(5);
    const [{ path, headers }] = server.received as [Received];
    expect(path).toBe('/behind/api/client/metrics/custom');
    expect(headers).toMatchObject({ authorization: 'secret', 'content-type': 'application/json' });
    expect(headers['idempotency-key']).toMatch(/^[\da-f-]{36}$/);
    const declared = { type: 'counter', temporality: 'delta' };
    expect(itemsOf(server.received[0]!)).toEqual([
      { name: 'orders_total', value: 10, labels: { app: 'shop', country: 'de' }, help: 'Orders', ...declared },
      { name: 'orders_total', value: 5, labels: { app: 'shop', country: 'fr' }, ...declared },
    ]);
    await sleep(200);
    expect(server.received).toHaveLength(1);
    expect(client.stats).toMatchObject({ acknowledgedBatches: 1, acknowledgedSamples: 2, queuedBatches: 0 });
  });

  test.each<[string, Answer]>([
    ['cut off', { isCut: true }],
    ['not answered', { isHeld: true }],
    ...[200, 404, 429, 500, 502, 503, 504].map((status): [string, Answer] => [`answered ${status}`, { status }]),
  ])('sends the same batch again if it is %s', async (_what, answer) => {
    jest.spyOn(Math, 'random').mockReturnValue(0.01);
    server.answers = [answer, answer];
    // The time-out is long enough for a busy machine to answer.
    const client = connect(answer.isHeld ? { timeoutMs: 1_000 } : {});
    for (let n = 0; n < 50; n++) client.counter('orders_total').add(1, { n });
    expect(await client.flush()).toBe(true);
    expect(server.received).toHaveLength(3);
    const [first, ...others] = server.received as [Received, ...Received[]];
    expect(first.headers['content-encoding']).toBe('gzip');
    for (const other of others) {
      expect(other.body.equals(first.body)).toBe(true);
      expect(other.headers['idempotency-key']).toBe(first.headers['idempotency-key']);
    }
    expect(errors.map(({ dropped }) => dropped)).toEqual([0, 0]);
    expect(client.stats).toMatchObject({ failedAttempts: 2, acknowledgedSamples: 50, dropped: {} });
  });

  test.each([400, 401, 403, 413, 415, 422])('gives up a batch after %i, reports why, and continues', async (status) => {
    server.answers = [{ status, body: '{"message":"The reason"}' }];
    const client = connect();
    client.counter('orders_total').add();
    expect(await client.flush()).toBe(false);
    await sleep(1);
    const message = `1 samples were given up: ${status} The reason`;
    expect(dropped).toEqual([{ reason: 'refused', message, dropped: 1, status }]);
    client.counter('orders_total').add();
    expect(await client.flush()).toBe(true);
    expect(server.received).toHaveLength(2);
    expect(client.stats).toMatchObject({ dropped: { refused: 1 }, givenUpBatches: 1, acknowledgedBatches: 1 });
  });

  test('waits as long as Retry-After says, even during a flush', async () => {
    server.answers = [{ status: 429, headers: { 'Retry-After': '1' } }];
    const client = connect();
    client.counter('orders_total').add();
    expect(await client.flush({ timeoutMs: 300 })).toBe(false);
    expect(await client.flush()).toBe(true);
    expect(server.received[1]!.atMs - server.received[0]!.atMs).toBeGreaterThan(990);
  });

  test('reports refused samples, and does not send them again', async () => {
    const rejected = [{ index: 0, reason: 'type_conflict', message: 'It is a gauge.' }];
    server.answers = [{ status: 202, body: JSON.stringify({ accepted: 1, rejected, rejectedCount: 1 }) }];
    const client = connect();
    client.counter('a').add();
    client.counter('b').add();
    expect(await client.flush()).toBe(true);
    await sleep(1);
    expect(errors).toEqual([
      {
        reason: 'rejected',
        message: '1 of 2 samples were refused, first: It is a gauge.',
        dropped: 1,
        status: 202,
        rejected,
      },
    ]);
    expect(server.received).toHaveLength(1);
    expect(client.stats).toMatchObject({ acknowledgedSamples: 1, dropped: { rejected: 1 } });
  });

  test('gives up a batch whose key the server may have forgotten, and keeps those that were never tried', async () => {
    server.answerAll = { status: 503 };
    const client = connect({ maxBatchSamples: 1 });
    for (const n of [1, 2, 3]) client.counter('orders_total').add(n, { n });
    expect(await client.flush({ timeoutMs: 500 })).toBe(false);
    const tried = server.received.length;
    jest.useFakeTimers({
      now: Date.now() + 23 * 3_600_000,
      doNotFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'nextTick', 'queueMicrotask', 'performance'],
    });
    server.answerAll = TAKEN;
    expect(await client.flush()).toBe(false);
    expect(server.received.slice(tried).flatMap(itemsOf)).toMatchObject([{ value: 2 }, { value: 3 }]);
    expect(dropped).toMatchObject([{ reason: 'expired', dropped: 1 }]);
  });

  test('while the queue is full, values are added up in the process, and nothing is lost', async () => {
    jest.spyOn(Math, 'random').mockReturnValue(0.01);
    server.answerAll = { status: 503 };
    const client = connect({ intervalMs: 10, maxBatchSamples: 5, maxQueueBatches: 3 });
    const counter = client.counter('orders_total');
    for (let n = 0; n < 2_000; n++) {
      counter.add(1, { n: n % 20 });
      if (n % 100 === 0) await sleep(11);
      expect(client.stats.queuedBatches).toBeLessThanOrEqual(3);
      expect(client.stats.openSeries).toBeLessThanOrEqual(20);
    }
    server.answerAll = TAKEN;
    expect(await client.flush()).toBe(true);
    expect(server.sumOf('orders_total')).toBe(2_000);
    expect(client.stats).toMatchObject({ openSeries: 0, queuedBatches: 0, queuedBytes: 0, dropped: {} });
  });

  test('never throws, whatever the arguments are, and reports each reason once', async () => {
    const client = connect();
    const any = (value: unknown) => value as never;
    const evil = new Proxy({}, { ownKeys: () => { throw new Error('No'); } }); // prettier-ignore
    for (let n = 0; n < 3; n++) {
      client.counter(any(7)).add();
      client.counter('a').add(-1);
      client.counter('a').add(any('1'));
      client.gauge('g').set(NaN);
      client.gauge('g').set(1, any(evil));
      client.gauge('a').set(1);
      client.histogram('h', any({ buckets: 'all' })).observe(1);
      client.counter('a', any(null)).add(1, any('labels'));
    }
    expect(dropped).toEqual([]);
    await client.flush();
    await sleep(1);
    expect(dropped.map(({ reason, dropped }) => [reason, dropped])).toEqual([
      ['invalid_name', 3],
      ['invalid_value', 9],
      ['invalid_labels', 6],
      ['metric_conflict', 3],
      ['invalid_buckets', 3],
    ]);
    expect(dropped[1]!.message).toContain('"a"');
    expect(server.received).toEqual([]);
  });

  test('failing listeners have no effect', async () => {
    server.answers = [{ status: 503 }, { status: 400 }];
    jest.spyOn(Math, 'random').mockReturnValue(0.01);
    const client = connect({
      onDropped: () => {
        throw new Error('At once');
      },
      onError: () => Promise.reject(new Error('Later')) as never,
    });
    client.counter('a').add();
    expect(await client.flush()).toBe(false);
    client.counter('a').add();
    expect(await client.flush()).toBe(true);
  });

  test('close sends the remaining values, accepts no more, and reports those that it could not send', async () => {
    const client = connect();
    client.counter('a').add();
    const closing = client.close();
    client.counter('a').add();
    expect(client.close()).toBe(closing);
    expect(await closing).toBe(true);
    expect(server.sumOf('a')).toBe(1);
    expect(client.stats.dropped).toEqual({ closed: 1 });

    server.answerAll = { isHeld: true };
    const other = connect();
    other.counter('b').add();
    other.gauge('c').set(1);
    expect(await other.close({ timeoutMs: 50 })).toBe(false);
    await sleep(1);
    expect(dropped.at(-1)).toMatchObject({ reason: 'closed', dropped: 2 });
    expect(other.stats).toMatchObject({ openSeries: 0, queuedBatches: 0 });
  });

  test('warns on the console without an onDropped listener', async () => {
    const warn = jest.spyOn(console, 'warn').mockReturnValue();
    const client = connect({ onDropped: undefined });
    client.gauge('g').set(NaN);
    await client.flush();
    await sleep(1);
    expect(warn).toHaveBeenCalledTimes(1);
  });
});
