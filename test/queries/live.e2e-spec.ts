import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../support/eventually.js';
import { EventStream } from '../support/event-stream.js';
import { HistoryApi } from '../support/history-api.js';
import { ADMIN_TOKEN, createToken, push, type TestServer } from '../support/server.js';
import { storeUnderTest } from '../support/service-under-test.js';

interface Samples {
  readonly metrics: readonly { readonly metric: string; readonly newestAt: string }[];
  readonly truncated: boolean;
}

/** Longest time from a push to its event, even if another process has received it. */
const NOTICE_MS = 5_000;

describe('GET /api/history/live', () => {
  const store = storeUnderTest('all');
  let server: TestServer;
  let other: TestServer;
  let streams: EventStream[] = [];
  /** A stream of the other process that is open during all tests. */
  let silent: EventStream;

  beforeAll(async () => {
    server = await store.start({ HISTORY_LIVE_STREAMS: '4', HISTORY_LIVE_METRICS: '3' });
    other = await store.start();
    silent = await EventStream.open(`${other.url}/api/history/live?metric=never_pushed`);
  });

  afterAll(() => silent?.close());

  afterEach(() => {
    for (const stream of streams) stream.close();
    streams = [];
  });

  async function ask(query = '', headers: Record<string, string> = {}, at = server): Promise<EventStream> {
    const stream = await EventStream.open(`${at.url}/api/history/live${query}`, headers);
    streams.push(stream);
    if (stream.status === 200) await stream.first('ready');
    return stream;
  }

  /** Asks again while the server has not noticed yet that the clients of the previous test are gone. */
  async function watch(...asked: Parameters<typeof ask>): Promise<EventStream> {
    return eventually(async () => {
      const stream = await ask(...asked);
      if (stream.status !== 200) streams.pop()!.close();
      expect(stream.status).toBe(200);
      return stream;
    });
  }

  const samplesOf = (stream: EventStream) =>
    stream.events.filter(({ type }) => type === 'samples').map(({ data }) => data as Samples);
  const namesOf = (stream: EventStream) => [
    ...new Set(samplesOf(stream).flatMap(({ metrics }) => metrics.map(({ metric }) => metric))),
  ];
  const hears = (stream: EventStream, names: readonly string[]) =>
    eventually(() => expect(namesOf(stream)).toEqual(expect.arrayContaining([...names])), { limitMs: NOTICE_MS });

  it('tells of samples that this process or another one has received', async () => {
    const stream = await watch();
    await push(server, [{ name: 'here_total', value: 1 }]);
    await hears(stream, ['here_total']);
    await push(other, [{ name: 'there_total', value: 1 }]);
    await hears(stream, ['there_total']);
  });

  it('tells the time of the newest sample', async () => {
    const stream = await watch('?metric=dated');
    const [older, newer] = ['2026-11-01T10:00:00.000Z', '2026-11-01T10:00:01.000Z'].map((text) => {
      const day = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
      return day + text.slice(10);
    });
    await push(
      server,
      [newer, older].map((timestamp) => ({ name: 'dated', value: 1, timestamp })),
    );
    await stream.first('samples');
    expect(samplesOf(stream)).toEqual([{ metrics: [{ metric: 'dated', newestAt: newer }], truncated: false }]);
  });

  it('tells only of the metrics that are named, also of new ones and of the counters of a histogram', async () => {
    await new HistoryApi(server).pushAll([{ name: 'noise_total', value: 1 }]);
    const declared = await fetch(`${server.url}/api/admin/metrics/wait_seconds`, {
      method: 'PUT',
      headers: { Authorization: ADMIN_TOKEN, 'Content-Type': 'application/json' },
      body: JSON.stringify({ type: 'histogram' }),
    });
    expect(declared.status).toBe(200);
    const stream = await watch('?metric=wait_seconds&metric=new_total');
    const families = await watch('?families=true');
    const all = await watch();
    await push(server, [{ name: 'noise_total', value: 1 }]);
    await push(server, [{ name: 'wait_seconds_count', value: 1 }]);
    await hears(all, ['noise_total', 'wait_seconds_count']);
    await hears(families, ['noise_total', 'wait_seconds']);
    await push(server, [{ name: 'new_total', value: 1 }]);
    await hears(stream, ['new_total']);
    expect(namesOf(stream)).toEqual(['wait_seconds', 'new_total']);
    expect(namesOf(families)).not.toContain('wait_seconds_count');
  });

  it('says that its list is cut if it does not name every metric', async () => {
    const stream = await watch();
    await push(
      server,
      ['a', 'b', 'c', 'd'].map((name) => ({ name: `many_${name}`, value: 1 })),
    );
    await hears(stream, ['many_a', 'many_b', 'many_c']);
    expect(samplesOf(stream).map(({ metrics, truncated }) => [metrics.length, truncated])).toEqual([[3, true]]);
  });

  it('sends at most five events a second', async () => {
    const stream = await watch('?metric=busy_total');
    const startedAt = performance.now();
    let pushes = 0;
    while (performance.now() - startedAt < 2_000 || pushes <= 20) {
      await push(server, [{ name: 'busy_total', value: 1 }]);
      pushes++;
    }
    await sleep(300);
    const seconds = (performance.now() - startedAt) / 1_000;
    const { length } = samplesOf(stream);
    expect(length).toBeGreaterThan(4);
    expect(length).toBeLessThanOrEqual(seconds * 5 + 1);
  });

  it('is neither compressed nor buffered, whatever the client accepts', async () => {
    const stream = await watch('', { 'Accept-Encoding': 'gzip, deflate, br' });
    expect(stream.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
    });
    expect(stream.headers['content-encoding']).toBeUndefined();
  });

  it('has a limit of streams, of which one token gets three quarters', async () => {
    for (let count = 0; count < 3; count++) expect((await watch()).status).toBe(200);
    const share = await ask();
    expect([share.status, share.headers['retry-after']]).toEqual([429, '5']);
    const token = await createToken(server, { scopes: ['read'] });
    expect((await watch('', { Authorization: token })).status).toBe(200);
    const full = await ask('', { Authorization: token });
    expect([full.status, full.headers['retry-after']]).toEqual([503, '5']);
    streams[0]!.close();
    expect((await watch('', { Authorization: token })).status).toBe(200);
  });

  it('ends when its token is revoked or expires', async () => {
    const revoked = await watch('', { Authorization: await createToken(server, { name: 'gone', scopes: ['read'] }) });
    const expiresAt = new Date(Date.now() + 2_000).toISOString();
    const expired = await watch('', { Authorization: await createToken(server, { scopes: ['read'], expiresAt }) });
    const kept = await watch();
    const listed = await fetch(`${server.url}/api/admin/tokens`, { headers: { Authorization: ADMIN_TOKEN } });
    const tokens = (await listed.json()) as { id: number; name: string }[];
    const { id } = tokens.find(({ name }) => name === 'gone')!;
    await fetch(`${other.url}/api/admin/tokens/${id}`, { method: 'DELETE', headers: { Authorization: ADMIN_TOKEN } });
    await revoked.ended(3_000);
    await expired.ended(5_000);
    await push(server, [{ name: 'kept_total', value: 1 }]);
    await hears(kept, ['kept_total']);
  });

  it('needs the scope read', async () => {
    const token = await createToken(server, { scopes: ['ingest'] });
    expect((await ask('', { Authorization: token })).status).toBe(403);
  });

  it.each([
    ['?metrics=a', '/query/metrics', 'Did you mean metric?'],
    ['?metric=', '/query/metric', 'longer than or equal to 1'],
    ['?metric=a&'.concat('metric=a&'.repeat(100)), '/query/metric', 'no more than 100'],
    ['?families=yes', '/query/families', 'boolean'],
  ])('refuses wrong parameters (%#)', async (query, path, hint) => {
    const { status, details } = await new HistoryApi(server).refusalOf(`/api/history/live${query}`);
    expect({ status, path: details[0]?.path }).toEqual({ status: 400, path });
    expect(details[0]?.message).toContain(hint);
  });

  it('answers HEAD without a stream', async () => {
    const headers = { Authorization: ADMIN_TOKEN };
    const response = await fetch(`${server.url}/api/history/live`, { method: 'HEAD', headers });
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
  });

  it('sends a heartbeat after 15 s of silence', async () => {
    await eventually(() => expect(silent.text).toContain('\n\n: heartbeat\n\n'));
    expect(samplesOf(silent)).toEqual([]);
  });

  it('ends when the service stops, and does not delay it', async () => {
    const third = await store.start();
    const stream = await watch('', {}, third);
    const startedAt = performance.now();
    expect(await third.stop()).toBe(0);
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    await stream.ended(1_000);
  });
});
