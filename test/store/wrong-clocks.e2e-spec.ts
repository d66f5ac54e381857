import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../support/eventually.js';
import { queuedMsOf } from '../support/queued-time.js';
import { createToken, getJson, push, scrape, type TestServer, valueOn } from '../support/server.js';
import { storeUnderTest } from '../support/service-under-test.js';
import { settableClock } from '../support/settable-clock.js';

const HOUR_MS = 3600 * 1000;
const DAY_MS = 24 * HOUR_MS;

/** Replaces the functions that return the time, for all statements on this database. */
const SETTABLE_CLOCK = `
  CREATE SCHEMA settable;
  CREATE TABLE settable.clock (ahead interval NOT NULL);
  INSERT INTO settable.clock VALUES ('0');
  CREATE FUNCTION settable.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS
    'SELECT pg_catalog.clock_timestamp() + (SELECT ahead FROM settable.clock)';
  CREATE FUNCTION settable.now() RETURNS timestamptz LANGUAGE sql STABLE AS
    'SELECT pg_catalog.now() + (SELECT ahead FROM settable.clock)';
  ALTER TABLE sample_batch ALTER received_at SET DEFAULT date_trunc('milliseconds', settable.clock_timestamp())`;

async function pageOf({ metricsUrl }: TestServer): Promise<string> {
  return (await fetch(metricsUrl, { headers: { Accept: 'text/plain' } })).text();
}

describe('wrong clocks', () => {
  const store = storeUnderTest('each');

  beforeEach(async () => {
    await store.client.query(SETTABLE_CLOCK);
    const { rows } = await store.client.query<{ name: string }>('SELECT current_database() AS name');
    await store.client.query(`ALTER DATABASE "${rows[0]!.name}" SET search_path = public, settable, pg_catalog`);
  });

  async function setClock(ahead: string): Promise<void> {
    await store.client.query('UPDATE settable.clock SET ahead = $1', [ahead]);
  }

  test('a service whose clock is an hour behind takes right timestamps from the start', async () => {
    const server = await store.start(settableClock(-HOUR_MS));
    const response = await push(server, [{ name: 'timed_total', value: 1, timestamp: Date.now() }]);
    expect([response.status, await response.text()]).toEqual([202, '']);
  });

  test('services whose clocks are an hour behind and an hour ahead take right timestamps and see each other within a second', async () => {
    const [behind, ahead] = await Promise.all([
      store.start(settableClock(-HOUR_MS)),
      store.start(settableClock(HOUR_MS)),
    ]);
    const pids = [process.pid, ...[behind, ahead].map((server) => server.process.pid!)];
    const waits: number[] = [];
    for (const [index, [sender, peer]] of [
      [behind, ahead],
      [ahead, behind],
      [behind, ahead],
      [ahead, behind],
    ].entries()) {
      for (const timestamp of [Date.now(), undefined]) {
        const name = `${timestamp === undefined ? 'untimed' : 'timed'}_${index}`;
        const response = await push(sender!, [{ name, type: 'gauge', value: index, timestamp }]);
        const queuedBefore = queuedMsOf(pids);
        const takenAt = performance.now();
        expect([response.status, await response.text()]).toEqual([202, '']);
        // The page is not checked by the reference parser here, because that takes time.
        await eventually(async () => expect(valueOn(await pageOf(peer!), name)).toBe(index), { intervalMs: 20 });
        waits.push(performance.now() - takenAt - (queuedMsOf(pids) - queuedBefore));
        for (const server of [behind, ahead]) {
          const { samples } = await getJson<{ samples: { at: string }[] }>(
            server,
            `/api/history/samples?metric=${name}&from=-3h&to=${new Date(Date.now() + 2 * HOUR_MS).toISOString()}`,
          );
          expect(samples).toHaveLength(1);
          expect(Math.abs(Date.parse(samples[0]!.at) - Date.now())).toBeLessThan(10_000);
        }
      }
    }
    expect(Math.max(...waits)).toBeLessThan(1_000);
    // By the clock that is ahead, this time has passed.
    for (const server of [behind, ahead]) {
      const response = await push(server, [
        { name: 'timed_0', type: 'gauge', value: 9, timestamp: Date.now() + HOUR_MS / 2 },
      ]);
      expect([response.status, await response.text()]).toEqual([202, expect.stringContaining('timestamp_too_new')]);
      expect(valueOn(await scrape(server), 'timed_0')).toBe(0);
    }
  });

  test("tokens expire by Postgres' clock, however wrong the clocks of the services are", async () => {
    const [behind, ahead] = await Promise.all([
      store.start(settableClock(-HOUR_MS)),
      store.start(settableClock(HOUR_MS)),
    ]);
    const pushWith = async (server: TestServer, token: string) =>
      (await push(server, [{ name: 'owned_total', value: 1 }], { Authorization: token })).status;
    const long = await createToken(behind, { expiresAt: new Date(Date.now() + HOUR_MS / 2).toISOString() });
    const shortEndsAt = Date.now() + 3_000;
    const short = await createToken(behind, { expiresAt: new Date(shortEndsAt).toISOString() });
    expect(await pushWith(behind, short)).toBe(202);
    // Another process learns of a new token within a second, or when it sees it. A 401 would make an SDK fall silent for ever.
    for (const server of [behind, ahead]) expect(await pushWith(server, long)).toBe(202);
    await sleep(shortEndsAt + 500 - Date.now());
    for (const server of [behind, ahead]) {
      expect(await pushWith(server, short)).toBe(401);
      expect(await pushWith(server, long)).toBe(202);
    }
  });

  test("Postgres' clock is set ahead by an hour and back: no token expires before its time, and none lives longer", async () => {
    const server = await store.start();
    const long = await createToken(server, { expiresAt: new Date(Date.now() + HOUR_MS / 2).toISOString() });
    const statusWith = async (token: string) =>
      (await push(server, [{ name: 'owned_total', value: 1 }], { Authorization: token })).status;
    const stepsTo = (steps: number) =>
      eventually(async () =>
        expect(valueOn(await scrape(server), 'custom_metrics_database_clock_steps_total')).toBe(steps),
      );
    expect(await statusWith(long)).toBe(202);
    await setClock('1 hour');
    await stepsTo(1);
    expect(await statusWith(long)).toBe(202);
    const shortEndsAt = Date.now() + 3_000;
    const short = await createToken(server, { expiresAt: new Date(shortEndsAt).toISOString() });
    expect(await statusWith(short)).toBe(202);
    await sleep(shortEndsAt + 500 - Date.now());
    expect(await statusWith(short)).toBe(401);
    await setClock('0');
    await stepsTo(2);
    expect(await statusWith(short)).toBe(401);
    expect(await statusWith(long)).toBe(202);
  });

  test("Postgres' clock is set ahead by an hour and back: gauges go on, and every process sees the others", async () => {
    const [one, other] = [await store.start(), await store.start()];
    const expectShown = (value: number) =>
      eventually(async () => {
        expect((await push(one, [{ name: 'depth', value }])).status).toBe(202);
        for (const server of [one, other]) expect(valueOn(await scrape(server), 'depth')).toBe(value);
      });
    await expectShown(1);
    await setClock('1 hour');
    await expectShown(2);
    await setClock('0');
    await expectShown(3);
    for (const server of [one, other]) {
      await eventually(async () => {
        const page = await scrape(server);
        expect(valueOn(page, 'custom_metrics_database_clock_steps_total')).toBe(2);
        expect(Math.abs(valueOn(page, 'custom_metrics_database_clock_ahead_seconds')!)).toBeLessThan(60);
      });
    }
  });

  test("Postgres' clock is set ahead by 91 days and back: retention drops nothing", async () => {
    const server = await store.start({
      COMPACTION_HORIZON_SECONDS: '1',
      COMPACTION_INTERVAL_SECONDS: '1',
      RETENTION_DAYS: '90',
    });
    const samples = async () => {
      const { rows } = await store.client.query<{ count: number }>('SELECT count(*)::int AS count FROM sample_block');
      return rows[0]!.count;
    };
    const items = Array.from({ length: 5 }, (_, day) => ({
      name: 'kept_total',
      value: 1,
      timestamp: Date.now() - day * DAY_MS,
    }));
    expect((await push(server, items)).status).toBe(202);
    await eventually(async () => expect(await samples()).toBe(5));
    await setClock('91 days');
    expect((await push(server, [{ name: 'later_total', value: 1 }])).status).toBe(202);
    await eventually(async () => expect(server.output()).toContain('together they hold more than a day'));
    const turns = async () => valueOn(await scrape(server), 'custom_metrics_archive_turn_duration_seconds_count')!;
    const turnsBefore = await turns();
    await eventually(async () => expect(await turns()).toBeGreaterThanOrEqual(turnsBefore + 2));
    await setClock('0');
    expect(await samples()).toBeGreaterThanOrEqual(5);
    expect(valueOn(await scrape(server), 'custom_metrics_retention_held_back_partitions')).toBeGreaterThan(0);
  });
});
