import { readFileSync } from 'node:fs';
import path from 'node:path';
import { DAY_MS, HOUR_MS } from '../../src/scheduling/units-of-time.js';
import { eventually } from '../support/eventually.js';
import { type Item, push } from '../support/server.js';
import { storeUnderTest } from '../support/service-under-test.js';

const PAGE = readFileSync(path.resolve(import.meta.dirname, '../../docs/sql.md'), 'utf8');

/** Returns the first SQL of the section with a heading. */
function sqlUnder(heading: string): string {
  const text = PAGE.split(/^#+ /m).find((each) => each.startsWith(`${heading}\n`));
  return /^```sql\n([^]*?)^```/m.exec(text ?? '')![1]!;
}

const HEADINGS = [...PAGE.matchAll(/^### (.+)$/gm)].map(([, heading]) => heading!);

/** Midnight in UTC two days ago. Berlin is one or two hours ahead. */
const DAY = Math.floor(Date.now() / DAY_MS) * DAY_MS - 2 * DAY_MS;
const MORNING = DAY + 10 * HOUR_MS;

const item = (
  name: string,
  value: number,
  timestamp: number,
  labels: Record<string, string>,
  rest: Item = {},
): Item => ({
  name,
  value,
  timestamp,
  labels,
  ...rest,
});
const total = (value: number, minute: number) =>
  item('sent_bytes_total', value, MORNING + minute * 60_000, { host: 'a' }, { temporality: 'cumulative' });

const SAMPLES = [
  item('orders_total', 3, MORNING, { country: 'de' }),
  item('orders_total', 2, DAY + 23.5 * HOUR_MS, { country: 'de' }),
  item('orders_total', 6, MORNING + DAY_MS, { country: 'fr' }),
  item('orders_total', 4, MORNING - 7 * DAY_MS, { country: 'de' }),
  item('responses_total', 90, MORNING, { status: '200' }),
  item('responses_total', 10, MORNING, { status: '503' }),
  item('queue_depth', 1, MORNING, { host: 'a' }),
  item('queue_depth', 2, MORNING + 60_000, { host: 'a' }),
  item('queue_depth', 9, MORNING + HOUR_MS, { host: 'a' }),
  item('logins_total', 1, MORNING, { user: 'ada' }),
  item('logins_total', 1, MORNING, { user: 'bob' }),
  item('logins_total', 1, MORNING + 1, { user: 'ada' }),
  ...[100, 150, 20, 50].map(total),
];

const at = (ms: number) => new Date(ms);

const ANSWERS: Readonly<Record<string, readonly object[]>> = {
  'Which samples came last?': [
    { at: at(MORNING + DAY_MS), labels: { country: 'fr' }, value: 6 },
    { at: at(DAY + 23.5 * HOUR_MS), labels: { country: 'de' }, value: 2 },
  ],
  'How many orders were there in each country?': [
    { country: 'de', orders: 9 },
    { country: 'fr', orders: 6 },
  ],
  'How does each day compare with the same day of the week before?': [
    { day: at(DAY + DAY_MS), orders: 6, a_week_before: null },
    { day: at(DAY), orders: 5, a_week_before: 4 },
  ],
  'What share of the responses were errors?': [{ error_share: 0.1 }],
  'How high was the queue on average, in the median, and at most?': [{ average: 4, median: 2, maximum: 9 }],
  'How high was the queue at the end of each hour?': [
    { hour: at(MORNING), labels: { host: 'a' }, value: 2 },
    { hour: at(MORNING + HOUR_MS), labels: { host: 'a' }, value: 9 },
  ],
  'How many different users logged in?': [{ users: '2' }],
  'By how much did a cumulative counter increase?': [{ labels: { host: 'a' }, increase: 100 }],
};

describe('docs/sql.md', () => {
  const store = storeUnderTest('all');

  beforeAll(async () => {
    const server = await store.start({ COMPACTION_HORIZON_SECONDS: '1', COMPACTION_INTERVAL_SECONDS: '1' });
    expect(await (await push(server, SAMPLES)).text()).toBe('');
    await eventually(async () => {
      const { rows } = await store.client.query('SELECT FROM sample_batch LIMIT 1');
      expect(rows).toEqual([]);
    });
  });

  async function ask(heading: string): Promise<unknown[]> {
    return (await store.client.query<Record<string, unknown>>(sqlUnder(heading))).rows;
  }

  test('has ten questions', () => {
    expect(HEADINGS).toHaveLength(10);
    expect(HEADINGS).toEqual(expect.arrayContaining(Object.keys(ANSWERS)));
  });

  test.each(Object.entries(ANSWERS))('%s', async (heading, answer) => {
    expect(await ask(heading)).toEqual(answer);
  });

  test('How many orders were there on each day in Berlin?', async () => {
    const rows = (await ask('How many orders were there on each day in Berlin?')) as { day: Date; orders: number }[];
    // The order at 23:30 in UTC was placed on the next day in Berlin.
    expect(rows.map(({ orders }) => orders)).toEqual([4, 3, 2]);
    expect(rows[2]!.day.getTime() - rows[1]!.day.getTime()).toBe(DAY_MS);
  });

  test('Which metrics have not been pushed for a day?', async () => {
    await store.client.query(`
      UPDATE series SET pushed_at = now() - interval '2 days'
      WHERE metric_id = (SELECT id FROM metric WHERE name = 'queue_depth')`);
    expect(await ask('Which metrics have not been pushed for a day?')).toMatchObject([{ name: 'queue_depth' }]);
  });

  test('finds the last days of a long history in the blocks', async () => {
    expect(await ask('Long histories')).toEqual([
      { labels: { country: 'fr' }, orders: 6 },
      { labels: { country: 'de' }, orders: 5 },
    ]);
  });

  test('lets the user for reports ask everything, and read no tokens', async () => {
    await store.client.query(sqlUnder('SQL'));
    try {
      await store.client.query('SET ROLE reporting');
      for (const heading of [...HEADINGS, 'Long histories']) await ask(heading);
      await expect(store.client.query('SELECT FROM api_token')).rejects.toThrow('permission denied');
    } finally {
      await store.client.query('RESET ROLE; DROP OWNED BY reporting; DROP ROLE reporting');
    }
  });
});
