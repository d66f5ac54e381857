import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../support/eventually.js';
import { storeUnderTest } from '../support/service-under-test.js';
import { push, scrape, type TestServer, valueOn } from '../support/server.js';

const PUSHERS = 32;
const ROUNDS = 10;

/** Records what clients know: the requests that were answered 202, and the statuses of all unexpected answers. */
interface Journal {
  readonly acknowledged: Set<number>;
  readonly unexpected: string[];
}

let nextRequest = 1;

/** Pushes until told to stop. Each request has a unique marker and deltas for the pusher's counters. */
async function pushUntil(
  isOver: () => boolean,
  server: () => TestServer | undefined,
  pusher: number,
  journal: Journal,
) {
  while (!isOver()) {
    const target = server();
    if (target === undefined) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      continue;
    }
    const request = nextRequest++;
    try {
      const response = await push(target, [
        { name: 'marker', value: request, labels: { pusher: String(pusher) } },
        { name: 'work_total', value: 0.1, labels: { pusher: String(pusher) } },
        { name: 'work_total', value: 2, labels: { pusher: String(pusher), kind: 'whole' } },
      ]);
      await response.arrayBuffer();
      if (response.status === 202) journal.acknowledged.add(request);
      else journal.unexpected.push(`${response.status}`);
    } catch {
      // The connection broke because the process ended. The request is not acknowledged, and may or may not be stored.
    }
  }
}

describe('durability', () => {
  const store = storeUnderTest('each');
  let server: TestServer | undefined;

  async function storedMarkers(): Promise<number[]> {
    const { rows } = await store.client.query<{ value: number }>(
      `SELECT value FROM metric_sample WHERE metric = 'marker'`,
    );
    return rows.map(({ value }) => value);
  }

  test('kill -9 among 32 pushers, ten times: every acknowledged sample is stored once, and the page adds up', async () => {
    const journal: Journal = { acknowledged: new Set(), unexpected: [] };
    server = await store.start();
    let isOver = false;
    const pushers = Array.from({ length: PUSHERS }, (_, index) =>
      pushUntil(
        () => isOver,
        () => server,
        index,
        journal,
      ),
    );
    /** Waits until the process is busy, so that the kill interrupts running work. */
    const expectPushes = () => {
      const wanted = journal.acknowledged.size + PUSHERS;
      return eventually(async () => expect(journal.acknowledged.size).toBeGreaterThan(wanted));
    };
    for (let round = 0; round < ROUNDS; round++) {
      await expectPushes();
      await sleep(150 + 50 * (round % 3));
      const victim = server;
      server = undefined;
      await victim.kill();
      server = await store.start();
    }
    await expectPushes();
    isOver = true;
    await Promise.all(pushers);

    expect(journal.unexpected).toEqual([]);
    const stored = await storedMarkers();
    const unique = new Set(stored);
    expect(stored.length).toBe(unique.size);
    expect([...journal.acknowledged].filter((request) => !unique.has(request))).toEqual([]);

    const { rows } = await store.client.query<{ labels: { pusher: string; kind?: string }; sum: string }>(
      `SELECT labels, sum(value::numeric) AS sum FROM metric_sample WHERE metric = 'work_total' GROUP BY labels`,
    );
    const page = await scrape(server);
    for (const { labels, sum } of rows) {
      const text = labels.kind === undefined ? '' : `kind="${labels.kind}",`;
      expect(valueOn(page, `work_total{${text}pusher="${labels.pusher}"}`)).toBeCloseTo(Number(sum), 9);
    }
  });

  test('fractional deltas through ten restarts: a scraper never sees the counter fall', async () => {
    server = await store.start();
    const seen: number[] = [];
    let isOver = false;
    const scraper = (async () => {
      while (!isOver) {
        const page = server === undefined ? undefined : await scrape(server).catch(() => undefined);
        const value = page === undefined ? undefined : valueOn(page, 'fractions_total');
        if (value !== undefined) seen.push(value);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    })();
    const deltas: number[] = [];
    for (let round = 0; round < 10; round++) {
      for (let index = 0; index < 10; index++) {
        const batch = Array.from({ length: 10 }, () => 0.1);
        // Large terms among small ones make plain sums of doubles depend on their order.
        if (index % 5 === 0) batch.push(1e9);
        deltas.push(...batch);
        const response = await push(
          server,
          batch.map((value) => ({ name: 'fractions_total', value })),
        );
        expect(response.status).toBe(202);
      }
      const old = server;
      server = undefined;
      if (round % 2 === 0) await old.kill();
      else expect(await old.stop()).toBe(0);
      server = await store.start();
      await new Promise((resolve) => setTimeout(resolve, 120));
    }
    isOver = true;
    await scraper;

    const { rows } = await store.client.query<{ sum: string }>(
      `SELECT sum(value::numeric) AS sum FROM metric_sample WHERE metric = 'fractions_total'`,
    );
    expect(deltas.length).toBe(1_020);
    expect(Number(rows[0]!.sum)).toBe(20_000_000_100);
    expect(valueOn(await scrape(server), 'fractions_total')).toBe(20_000_000_100);
    expect(seen.length).toBeGreaterThan(10);
    expect(seen.filter((value, index) => index > 0 && value < seen[index - 1]!)).toEqual([]);
  });
});
