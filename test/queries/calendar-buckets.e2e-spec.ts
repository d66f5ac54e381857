import pg from 'pg';
import type { RangeQueryResponse } from '../../src/queries/history/dto/range-query.response.js';
import { TimeZone } from '../../src/queries/history/calendar/time-zone.js';
import { SeededRandom } from '../support/seeded-random.js';
import { ADMIN_TOKEN, getJson, type Item, push, startServer, type TestServer } from '../support/server.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const NOW = Date.now();
/** The range is longer than a year, so that it contains both clock changes of every zone. */
const FIRST = NOW - 420 * DAY_MS;

/**
 * Four zones whose clocks change, two of them in the southern hemisphere, and one without changes. The offsets of two of the zones
 * are not whole hours.
 */
const ZONES = ['Europe/Berlin', 'America/New_York', 'Australia/Sydney', 'Asia/Kolkata', 'Australia/Adelaide'];

const random = new SeededRandom(14);

/** Returns the days on which the clock of a zone changes. */
function changesOf(zoneName: string): number[] {
  const zone = TimeZone.of(zoneName)!;
  const days = Array.from({ length: Math.floor((NOW - FIRST) / DAY_MS) }, (_, day) => FIRST + day * DAY_MS);
  return days.filter((day) => zone.offsetAt(day) !== zone.offsetAt(day + DAY_MS));
}

/** Returns samples over the whole range, and many around each clock change. The values are eighths, so that sums are exact. */
function someItems(): Item[] {
  const times = [
    ...Array.from({ length: 1_500 }, () => random.integer(FIRST, NOW)),
    ...ZONES.flatMap(changesOf).flatMap((change) =>
      Array.from({ length: 100 }, () => random.integer(change - DAY_MS, change + 3 * DAY_MS)),
    ),
  ].filter((time) => time >= FIRST && time < NOW);
  return times.map((timestamp) => ({ name: 'sold_total', value: random.integer(1, 999) / 8, timestamp }));
}

describe('buckets of the calendar', () => {
  let database: TestDatabase;
  let server: TestServer;
  let client: pg.Client;
  let items: Item[];

  beforeAll(async () => {
    database = await createTestDatabase();
    server = await startServer({ DATABASE_URL: database.url, RETENTION_DAYS: '500' });
    items = someItems();
    for (let start = 0; start < items.length; start += 1_000) {
      expect((await push(server, items.slice(start, start + 1_000))).status).toBe(202);
    }
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
  });

  afterAll(async () => {
    await client.end();
    await server.stop();
    await database.drop();
  });

  function ask(parameters: Record<string, string>): Promise<RangeQueryResponse> {
    const query = new URLSearchParams({ metric: 'sold_total', aggregate: 'increase', ...parameters });
    return getJson(server, `/api/history/query?${query.toString()}`);
  }

  /** Returns the sums of the buckets that Postgres makes, by the beginning of the bucket. */
  async function bucketsOfPostgres(beginning: string, zone: string): Promise<Map<string, number>> {
    const { rows } = await client.query<{ beginning: Date; sum: number }>(
      `SELECT ${beginning} AS beginning, sum(value) AS sum FROM metric_sample WHERE metric = 'sold_total' GROUP BY 1`,
      [zone],
    );
    return new Map(rows.map(({ beginning: start, sum }) => [start.toISOString(), sum]));
  }

  const UNITS = [
    ['1d', {}, "date_trunc('day', at, $1)"],
    ['1w', {}, "date_trunc('week', at, $1)"],
    [
      '1w',
      { weekStart: 'sunday' },
      "(date_trunc('week', at AT TIME ZONE $1 + interval '1 day') - interval '1 day') AT TIME ZONE $1",
    ],
    ['1mo', {}, "date_trunc('month', at, $1)"],
    ['1q', {}, "date_trunc('quarter', at, $1)"],
    ['1y', {}, "date_trunc('year', at, $1)"],
  ] as const;

  it.each(ZONES.flatMap((zone) => UNITS.map((unit) => [zone, ...unit] as const)))(
    'are those of Postgres in %s with step=%s %o',
    async (tz, step, parameters, beginning) => {
      const answer = await ask({ tz, step, ...parameters, from: String(FIRST), to: String(NOW) });
      const filled = answer.series[0]!.points.filter(({ value }) => value !== 0);
      expect(new Map(filled.map(({ at, value }) => [at, value]))).toEqual(await bucketsOfPostgres(beginning, tz));
      expect(answer).toMatchObject({ step, stepSeconds: null, tz });
    },
  );

  it.each(ZONES)('have the same sum in %s, however long they are', async (tz) => {
    const total = items.reduce((sum, { value }) => sum + (value as number), 0);
    for (const step of ['1h', '6h', '1d', '1w', '1mo', '1q', '1y']) {
      const { series } = await ask({ tz, step, from: String(FIRST), to: String(NOW) });
      expect([step, series[0]!.points.reduce((sum, { value }) => sum + value!, 0)]).toEqual([step, total]);
    }
  });

  it('have days of 23 and 25 hours', async () => {
    const [change] = changesOf('Europe/Berlin');
    const zone = TimeZone.of('Europe/Berlin')!;
    const { series } = await ask({
      tz: 'Europe/Berlin',
      step: '1d',
      from: String(change! - 2 * DAY_MS),
      to: String(change! + 4 * DAY_MS),
    });
    const starts = series[0]!.points.map(({ at }) => Date.parse(at));
    const hours = starts.slice(1).map((start, index) => (start - starts[index]!) / HOUR_MS);
    expect(hours.filter((length) => length !== 24)).toEqual([
      zone.offsetAt(change!) > zone.offsetAt(change! + DAY_MS) ? 25 : 23,
    ]);
  });

  it('read dates in the time zone, and mark the buckets that are not complete', async () => {
    const today = new Date(NOW - (NOW % DAY_MS)).toISOString().slice(0, 10);
    const yesterday = new Date(NOW - DAY_MS - (NOW % DAY_MS)).toISOString().slice(0, 10);
    const answer = await ask({ tz: 'Asia/Kolkata', step: '1d', from: yesterday, to: today });
    expect(answer).toMatchObject({ from: new Date(Date.parse(`${yesterday}T00:00:00+05:30`)).toISOString() });
    expect(answer.series[0]!.points).toHaveLength(1);
    expect(answer.series[0]!.points[0]).not.toHaveProperty('unfinished');
    const open = await ask({ tz: 'Asia/Kolkata', step: '1d', from: '-36h' });
    const marks = open.series[0]!.points.map(({ unfinished }) => unfinished ?? false);
    expect([marks[0], marks.at(-1), marks.slice(1, -1).some(Boolean)]).toEqual([true, true, false]);
  });

  it('come with those of the month before', async () => {
    const { compare, series } = await ask({
      tz: 'Europe/Berlin',
      step: '1mo',
      compare: 'previous',
      from: '2026-05-01',
      to: '2026-06-01',
    });
    expect(compare).toMatchObject({ from: '2026-03-31T22:00:00.000Z', to: '2026-04-30T22:00:00.000Z' });
    const months = await bucketsOfPostgres("date_trunc('month', at, $1)", 'Europe/Berlin');
    expect(series[0]!.points).toEqual([
      { at: '2026-04-30T22:00:00.000Z', value: months.get('2026-04-30T22:00:00.000Z') ?? 0 },
    ]);
    expect(series[0]!.compare![0]!.value).toBe(months.get('2026-03-31T22:00:00.000Z') ?? 0);
  });

  it.each([
    ['tz=Europe/Berln', '/query/tz', /Did you mean Europe\/Berlin\?/],
    ['tz=Europe/Berlin&step=7h', '/query/step', /must divide a day/],
    ['step=1month', '/query/step', /1d, 1w, 1mo, 1q, 1y/],
    ['weekStart=friday', '/query/weekStart', /monday/],
    ['compare=2w', '/query/compare', /previous/],
    ['aggregate=avg,mean', '/query/aggregate', /avg/],
    ['aggregate=distinct', '/query/distinctLabel', /distinctLabel=user/],
    ['lines=0', '/query/lines', /1/],
  ])('refuse %s', async (parameters, path, message) => {
    const response = await fetch(`${server.url}/api/history/query?metric=sold_total&${parameters}`, {
      headers: { authorization: ADMIN_TOKEN },
    });
    expect(response.status).toBe(400);
    const { details } = (await response.json()) as { details: { path: string; message: string }[] };
    expect(details[0]!.path).toMatch(new RegExp(`^${path}`));
    expect(details[0]!.message).toMatch(message);
  });
});
