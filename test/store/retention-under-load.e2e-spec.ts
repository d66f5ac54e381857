import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../support/eventually.js';
import { ADMIN_TOKEN, getJson, push, scrape, type TestServer, valueOn } from '../support/server.js';
import { storeUnderTest } from '../support/service-under-test.js';

const DAY_MS = 24 * 3600 * 1000;
const DAYS = 40;
const SERIES = 50;
const PUSHERS = 4;

/** The time for which clients push and read after the last old day was dropped. */
const AFTERWARDS_MS = 2_000;

/** The days that stay: today, the day before, and the day in which the oldest moment within retention lies. */
const MOST_DAYS_LEFT = 3;

/** On a busy machine, Postgres takes longer than a usual client waits. */
const COMPACTING = { COMPACTION_INTERVAL_SECONDS: '1', COMPACTION_HORIZON_SECONDS: '1', STORE_WAIT_MS: '30000' };

describe('retention under load', () => {
  const store = storeUnderTest('all');

  const itemsAt = (timestamp?: number) =>
    Array.from({ length: SERIES }, (_, series) => ({
      name: 'expiring_total',
      value: 1,
      labels: { series: String(series) },
      timestamp,
    }));

  const oldDays = async () => {
    const { rows } = await store.client.query<{ days: number }>(
      `SELECT count(DISTINCT date_trunc('day', start_at))::int AS days FROM sample_block`,
    );
    return rows[0]!.days;
  };

  it('drops old days while samples are pushed and read, and the totals keep what they held', async () => {
    const filler = await store.start({ ...COMPACTING, RETENTION_DAYS: '90' });
    for (let day = DAYS; day > 0; day--) {
      expect((await push(filler, itemsAt(Date.now() - day * DAY_MS))).status).toBe(202);
    }
    await eventually(async () => expect(await oldDays()).toBeGreaterThanOrEqual(DAYS), { limitMs: 60_000 });
    expect(await filler.stop()).toBe(0);

    const settings = {
      ...COMPACTING,
      RETENTION_DAYS: '1',
      RETENTION_CONFIRMED_BEFORE: new Date(Date.now() - DAY_MS).toISOString(),
    };
    const servers = [await store.start(settings), await store.start(settings)];
    const statuses = new Set<number>();
    let pushes = 0;
    let isDropping = true;
    const pushing = Array.from({ length: PUSHERS }, async (_, pusher) => {
      while (isDropping) {
        const answer = await push(servers[pusher % servers.length]!, itemsAt());
        statuses.add(answer.status);
        if (answer.status === 202) pushes++;
      }
    });
    const reading = readAll(servers, statuses, () => isDropping);
    await eventually(async () => expect(await oldDays()).toBeLessThanOrEqual(MOST_DAYS_LEFT), { limitMs: 60_000 });
    await sleep(AFTERWARDS_MS);
    isDropping = false;
    await Promise.all([...pushing, reading]);
    expect(statuses).toEqual(new Set([200, 202]));
    expect(pushes).toBeGreaterThanOrEqual(PUSHERS);

    for (const server of servers) {
      await eventually(async () => {
        const page = await scrape(server);
        for (let series = 0; series < SERIES; series++) {
          expect(valueOn(page, `expiring_total{series="${series}"}`)).toBe(DAYS + pushes);
        }
      });
      expect(server.output()).not.toMatch(/"level":"(?:error|fatal)"/);
    }
    const { samples } = await getJson<{ samples: { value: number }[] }>(
      servers[0]!,
      '/api/history/samples?metric=expiring_total&label=series=0&from=-10m&limit=10000',
    );
    expect(samples.length).toBeGreaterThanOrEqual(Math.min(pushes, 10_000));
  });

  /** Reads the exposition and the history of all days until the work is over. */
  async function readAll(servers: readonly TestServer[], statuses: Set<number>, isGoingOn: () => boolean) {
    const admin = { headers: { Authorization: ADMIN_TOKEN } };
    const paths = [
      `/api/history/query?metric=expiring_total&aggregate=sum&step=1d&from=-${DAYS}d`,
      `/api/history/samples?metric=expiring_total&from=-${DAYS}d&limit=100`,
      `/api/v1/query?query=${encodeURIComponent(`sum(increase(expiring_total[${DAYS}d]))`)}`,
    ];
    while (isGoingOn()) {
      for (const server of servers) {
        for (const path of paths) {
          const answer = await fetch(server.url + path, admin);
          statuses.add(answer.status);
          await answer.arrayBuffer();
        }
        await (await fetch(server.metricsUrl)).arrayBuffer();
      }
    }
  }
});
