import fc from 'fast-check';
import pg from 'pg';
import { eventually } from '../support/eventually.js';
import { ADMIN_TOKEN, push, startServer, type TestServer } from '../support/server.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const DAYS = 12;
/** The last noon of UTC, so that the data holds as many full days whatever the time of the test is. */
const NOW = Math.floor((Date.now() - 12 * HOUR) / DAY) * DAY + 12 * HOUR;
const START = NOW - DAYS * DAY;

/** The special property of each counter. All are pushed every ten minutes. */
const SERIES = ['plain', 'begins late', 'a marker', 'falls', 'a late marker', 'late samples'];

const LIMITS = { COMPACTION_INTERVAL_SECONDS: '1', CHUNK_PERIOD: '3h', PROMQL_QUERIES_PER_TOKEN: '50' };

let database: TestDatabase;
let client: pg.Client;
let ids: Map<string, number>;
let sequence = 0;

/** Appends samples as if another process had committed them. */
async function append(samples: readonly { n: string; at: number; value: number }[]): Promise<void> {
  const times = samples.map(({ at }) => at);
  await client.query(
    `INSERT INTO sample_batch (writer_id, sequence, received_at, earliest_at, latest_at, series_ids, timestamps, "values")
     VALUES (1000000, $1, now(), to_timestamp($2::float8 / 1000), to_timestamp($3::float8 / 1000), $4, $5, $6)`,
    [
      ++sequence,
      Math.min(...times),
      Math.max(...times),
      samples.map(({ n }) => ids.get(n)!),
      times,
      samples.map(({ value }) => value),
    ],
  );
}

function start(environment: Record<string, string> = {}): Promise<TestServer> {
  return startServer({ DATABASE_URL: database.url, ...LIMITS, COMPACTION_HORIZON_SECONDS: '86400', ...environment });
}

async function ask(server: TestServer, parameters: Record<string, string>): Promise<{ status: number; text: string }> {
  const response = await fetch(`${server.url}/api/v1/${'step' in parameters ? 'query_range' : 'query'}`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${ADMIN_TOKEN}` },
    body: new URLSearchParams(parameters),
  });
  return { status: response.status, text: await response.text() };
}

/** Asks the history for the points of each series, from its first full UTC day to its last one. */
async function points(
  server: TestServer,
  parameters: Record<string, string>,
): Promise<{ status: number; lines: Map<string, number[]> }> {
  const range = { from: String(Math.ceil(START / DAY) * DAY), to: String(Math.floor(NOW / DAY) * DAY) };
  const query = new URLSearchParams({ metric: 'pushed_total', groupBy: '*', ...range, ...parameters });
  const response = await fetch(`${server.url}/api/history/query?${String(query)}`, {
    headers: { Authorization: `Bearer ${ADMIN_TOKEN}` },
  });
  if (response.status !== 200) return { status: response.status, lines: new Map() };
  const answer = (await response.json()) as { series: { labels: { n: string }; points: { value: number | null }[] }[] };
  const lines = answer.series.map(({ labels, points: of }): [string, number[]] => [
    labels.n,
    of.map(({ value }) => value ?? NaN),
  ]);
  return { status: response.status, lines: new Map(lines) };
}

const hours = (min: number, max: number) => fc.integer({ min, max }).map((number) => `${number}h`);
const modifier = fc.oneof(
  { weight: 3, arbitrary: fc.constant('') },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 90_000 }).map((seconds) => ` offset ${seconds}s`) },
  { weight: 1, arbitrary: fc.constantFrom(' @ end()', ` @ ${NOW / 1_000 - 200_003}`) },
);
const metric = fc.constantFrom('pushed_total', 'pushed_total', 'pushed_total{n!="plain"}', 'level');
const selected = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .tuple(fc.constantFrom('rate', 'increase'), metric, hours(1, 100), modifier)
      .map(([name, of, range, how]) => `${name}(${of}[${range}]${how})`),
  },
  { weight: 2, arbitrary: fc.tuple(metric, modifier).map(([of, how]) => `${of}${how}`) },
);
const query = fc.oneof(
  { weight: 3, arbitrary: selected },
  { weight: 1, arbitrary: selected.map((inner) => `sum by (n) (${inner})`) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(selected, hours(60, 100), hours(20, 30))
      .map(([inner, range, step]) => `max_over_time((${inner})[${range}:${step}])`),
  },
);
const question = fc.record({
  query,
  end: fc.integer({ min: START, max: NOW }),
  length: fc.nat(DAYS * DAY),
  step: fc.constantFrom(0, 6 * HOUR, DAY, 30 * HOUR, 2 * DAY),
});

beforeAll(async () => {
  database = await createTestDatabase();
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
  const compacting = await start({ COMPACTION_HORIZON_SECONDS: '1' });
  const items = SERIES.map((n) => ({
    name: 'pushed_total',
    labels: { n },
    value: 0.25,
    timestamp: n === 'begins late' ? START + 5 * DAY + 12_345 : START,
  }));
  const level = { name: 'level', value: 3, timestamp: START };
  expect((await push(compacting, [...items, level])).status).toBe(202);
  const { rows } = await client.query<{ id: number; n: string | null }>(`SELECT id, labels ->> 'n' AS n FROM series`);
  ids = new Map(rows.map(({ id, n }) => [n ?? 'level', id]));
  const random = fc.sample(fc.nat(100_000), { seed: 7, numRuns: 2_000 });
  for (let day = 0; day < DAYS; day++) {
    const samples: { n: string; at: number; value: number }[] = [];
    for (let tick = 0; tick < 144; tick++) {
      for (const n of ids.keys()) {
        const number = random[samples.length % random.length]!;
        // Some times are on the grid, where a window begins or ends.
        const at = START + day * DAY + tick * 10 * MINUTE + (number % 7 === 0 ? 0 : number);
        const isSpecial = tick === 77 && day % 3 === 1;
        if (n === 'begins late' && at < START + 5 * DAY + 20_000) continue;
        const value = isSpecial && n === 'a marker' ? NaN : isSpecial && n === 'falls' ? -4 : number / 100;
        samples.push({ n, at, value });
      }
    }
    await append(samples);
  }
  await eventually(async () => expect((await client.query('SELECT 1 FROM sample_batch LIMIT 1')).rows).toEqual([]), {
    limitMs: 60_000,
  });
  await compacting.stop();
  // These samples stay in the log.
  await append([
    { n: 'a late marker', at: NOW - 4 * DAY + 123_456, value: NaN },
    { n: 'late samples', at: NOW - 4 * DAY + 123_456, value: 1_000 },
    { n: 'late samples', at: NOW - 6 * DAY + 1, value: 10.5 },
    { n: 'plain', at: NOW - 1_000, value: 1 },
  ]);
});

afterAll(async () => {
  await client.end();
  await database.drop();
});

describe('sums in place of samples', () => {
  it('change no answer', async () => {
    // Merging blocks adds up their sums in another order, which can change the last bit of a total between the two answers.
    const resting = { COMPACTION_INTERVAL_SECONDS: '3600' };
    const [withSums, without] = [await start(resting), await start({ ...resting, PROMQL_READ_SUMS: 'false' })];
    try {
      for (const { query: text, end, length, step } of fc.sample(question, { seed: 42, numRuns: 100 })) {
        const parameters: Record<string, string> =
          step === 0
            ? { query: text, time: String(end / 1_000) }
            : {
                query: text,
                start: String((end - length) / 1_000),
                end: String(end / 1_000),
                step: String(step / 1_000),
              };
        const answers = [await ask(withSums, parameters), await ask(without, parameters)];
        expect({ parameters, ...answers[0] }).toEqual({ parameters, ...answers[1] });
        expect(answers[0]!.status).toBe(200);
      }
    } finally {
      await withSums.stop();
      await without.stop();
    }
  });

  it('give the history of days that the samples give', async () => {
    const server = await start();
    try {
      const [byDay, byHour] = await Promise.all(
        ['1d', '1h'].map((step) => points(server, { aggregate: 'increase', step })),
      );
      const [lastOfDay, lastOfHour] = await Promise.all(
        ['1d', '1h'].map((step) => points(server, { aggregate: 'last', step })),
      );
      expect([...byDay!.lines.keys()].toSorted()).toEqual(SERIES.toSorted());
      for (const n of SERIES) {
        const days = byDay!.lines.get(n)!;
        expect(days).toHaveLength(DAYS - 1);
        for (const [day, value] of days.entries()) {
          const ofHours = byHour!.lines.get(n)!.slice(24 * day, 24 * day + 24);
          expect(value).toBeCloseTo(
            ofHours.reduce((sum, each) => sum + each, 0),
            6,
          );
          expect(lastOfDay!.lines.get(n)![day]).toBe(lastOfHour!.lines.get(n)![24 * day + 23]);
        }
      }
    } finally {
      await server.stop();
    }
  });

  it('allow a history of days that would otherwise read too many samples', async () => {
    const server = await start({ HISTORY_MAX_SAMPLES: '1000' });
    try {
      const statusOf = async (aggregate: string) =>
        (await points(server, { aggregate, step: '1d', label: 'n=plain' })).status;
      await eventually(async () => expect(await statusOf('increase')).toBe(200));
      expect(await statusOf('last')).toBe(200);
      // The number of samples can't be computed from their sum.
      expect(await statusOf('count')).toBe(400);
    } finally {
      await server.stop();
    }
  });

  it('allow a query that would otherwise read too many samples', async () => {
    const parameters = {
      query: 'increase(pushed_total{n="plain"}[1d])',
      // The steps are days of UTC, as the blocks are after their last merge. A block that a step divides is read.
      start: String((Math.floor(START / DAY) * DAY) / 1_000),
      end: String((Math.floor(NOW / DAY) * DAY) / 1_000),
      step: '86400',
    };
    for (const [readsSums, status] of [
      ['true', 200],
      ['false', 422],
    ] as const) {
      const server = await start({ PROMQL_MAX_SAMPLES: '1000', PROMQL_READ_SUMS: readsSums });
      try {
        // The last merge of a day may still have to come.
        await eventually(async () => expect(await ask(server, parameters)).toMatchObject({ status }));
      } finally {
        await server.stop();
      }
    }
  });
});
