import { eventually } from '../support/eventually.js';
import { push, scrape, valueOn } from '../support/server.js';
import { storeUnderTest } from '../support/service-under-test.js';

const DAY_MS = 24 * 3600 * 1000;

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
    const server = await store.start({
      NODE_OPTIONS: '--import=data:text/javascript,const%20now=Date.now;Date.now=()=>now()-3600000',
    });
    const response = await push(server, [{ name: 'timed_total', value: 1, timestamp: Date.now() }]);
    expect([response.status, await response.text()]).toEqual([202, '']);
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
