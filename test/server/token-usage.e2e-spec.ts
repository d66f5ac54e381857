import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../support/eventually.js';
import { createToken, getJson, push, type TestServer } from '../support/server.js';
import { storeUnderTest } from '../support/service-under-test.js';

interface ListedToken {
  readonly id: number;
  readonly name: string;
  readonly seriesCount: number;
  readonly samplesAccepted: number;
  readonly samplesRefused: number;
  readonly countedSince: string | null;
}

describe('the usage of tokens in GET /api/admin/tokens', () => {
  const store = storeUnderTest('all');
  let server: TestServer;
  let other: TestServer;

  beforeAll(async () => {
    server = await store.start();
    other = await store.start();
  });

  async function usageOf(name: string, at = server) {
    const tokens = await getJson<ListedToken[]>(at, '/api/admin/tokens');
    const { seriesCount, samplesAccepted, samplesRefused, countedSince } = tokens.find((token) => token.name === name)!;
    return { series: seriesCount, accepted: samplesAccepted, refused: samplesRefused, since: countedSince };
  }

  it('is nothing for a token that has not pushed', async () => {
    await createToken(server, { name: 'silent' });
    expect(await usageOf('silent')).toEqual({ series: 0, accepted: 0, refused: 0, since: null });
  });

  it('counts series, accepted and refused samples, also of bodies that are sent again', async () => {
    const startedAt = Date.now();
    const token = await createToken(server, { name: 'shop' });
    const items = [
      { name: 'orders_total', value: 1, labels: { country: 'de' } },
      { name: 'orders_total', value: 2, labels: { country: 'fr' } },
      { name: 'stock', value: 3 },
    ];
    for (let count = 0; count < 4; count++) await push(server, items, { Authorization: token });
    await push(server, [...items, { name: 'orders_total', value: -1 }], { Authorization: token });
    const usage = await usageOf('shop');
    expect(usage).toMatchObject({ series: 3, accepted: 15, refused: 1 });
    expect(Date.parse(usage.since!)).toBeGreaterThan(startedAt - 5_000);
  });

  it('counts what other receivers take and refuse', async () => {
    const token = await createToken(server, { name: 'by text' });
    const body = '# TYPE lines_total counter\nlines_total 1\nlines_total{a="b"} 2\n';
    const headers = { Authorization: token, 'Content-Type': 'text/plain' };
    expect((await fetch(`${server.url}/api/push`, { method: 'POST', headers, body })).ok).toBe(true);
    expect(await usageOf('by text')).toMatchObject({ series: 2, accepted: 2, refused: 0 });
  });

  it('counts a sample once if the write of the counts is committed after its deadline', async () => {
    const token = await createToken(server, { name: 'slowly counted' });
    const items = Array.from({ length: 5 }, (_, index) => ({ name: 'slow_total', value: index }));
    await push(server, items, { Authorization: token });
    await store.client.query('BEGIN');
    await store.client.query('LOCK TABLE token_usage IN ACCESS EXCLUSIVE MODE');
    // The list writes the counts first, which takes at most two seconds, and then reads the same table.
    const usage = usageOf('slowly counted');
    await sleep(3_000);
    await store.client.query('COMMIT');
    await usage;
    await eventually(async () => expect((await usageOf('slowly counted')).accepted).toBeGreaterThan(0));
    expect(await usageOf('slowly counted')).toMatchObject({ accepted: 5 });
  });

  it('adds up what all processes have counted, also of one that has stopped', async () => {
    const token = await createToken(server, { name: 'everywhere' });
    const send = (at: TestServer) => push(at, [{ name: 'anywhere_total', value: 1 }], { Authorization: token });
    await send(server);
    await send(other);
    await eventually(async () => expect(await usageOf('everywhere')).toMatchObject({ series: 1, accepted: 2 }));
    const third = await store.start();
    await send(third);
    await third.stop();
    expect(await usageOf('everywhere')).toMatchObject({ series: 1, accepted: 3, refused: 0 });
  });
});
