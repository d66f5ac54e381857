import { isInstalled, type Prometheus, startPrometheus } from '../support/prometheus.js';
import { type Difference, firstDifference, type QueryAnswer } from '../support/query-answers.js';
import { RandomPromql } from '../support/random-promql.js';
import { type RandomSeries, randomSeries } from '../support/random-series.js';
import { remoteWrite } from '../support/remote-write.js';
import { SeededRandom } from '../support/seeded-random.js';
import { ADMIN_TOKEN, type Item, push, startServer, type TestServer } from '../support/server.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

/** Number of expressions and the seed. Both can be set: `PROMQL_DIFFERENTIAL_EXPRESSIONS=5000 PROMQL_DIFFERENTIAL_SEED=7`. */
const EXPRESSIONS = Number(process.env.PROMQL_DIFFERENTIAL_EXPRESSIONS ?? 400);
const SEED = Number(process.env.PROMQL_DIFFERENTIAL_SEED ?? 20_260_101);

const MINUTE_MS = 60_000;
const ASKED_AT_ONCE = 4;
const ITEMS_PER_PUSH = 1_000;

const TO = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS - 5 * MINUTE_MS;
const FROM = TO - 180 * MINUTE_MS;

/**
 * The milliseconds of query times. Queries are never at whole seconds, because Prometheus 3 and older versions differ on the
 * edges of windows.
 */
const MILLISECONDS_OF_QUERIES = 371;

/** One expression, evaluated once or at many steps. */
interface Question {
  readonly path: 'query' | 'query_range';
  readonly expression: string;
  readonly times: Readonly<Record<string, string>>;
}

/** A known difference between Debian's Prometheus 2.42 and the versions since 3.0, whose rules we follow. */
interface Change {
  readonly why: string;
  readonly applies: (question: Question, answers: Answers) => boolean;
  /**
   * Removes the changed part from an expression. A difference is attributed to the change only if both servers answer the
   * remaining expression alike. Undefined if the answers themselves show the reason.
   */
  readonly without?: (expression: string) => string;
}

interface Answers {
  readonly theirs: QueryAnswer;
  readonly ours: QueryAnswer;
}

const CHANGES: readonly Change[] = [
  {
    why: 'predict_linear with @ looks at the same window at every step',
    applies: ({ expression }) => expression.includes('predict_linear') && expression.includes(' @ '),
    without: (expression) => expression.replaceAll(/ @ (?:start\(\)|end\(\)|[\d.]+)/g, ''),
  },
  {
    why: 'two matches for one series are an error also where a comparison leaves none or one of them',
    applies: ({ expression }, { theirs, ours }) =>
      theirs.status === 200 &&
      /[<>=]/.test(expression) &&
      ours.body.error?.startsWith('multiple matches for labels') === true,
  },
  {
    why: 'atan2 drops the name of the metric',
    applies: ({ expression }) => expression.includes(' atan2 '),
    without: (expression) => expression.replaceAll(' atan2 ', ' + '),
  },
  {
    why: 'stddev and stdvar of one NaN or infinity are NaN, not 0',
    applies: ({ expression }) => /\bstd(?:dev|var)\b/.test(expression),
    without: (expression) => expression.replaceAll(/\bstd(?:dev|var)\b/g, 'avg'),
  },
  {
    why: 'topk and bottomk choose otherwise among equal values',
    applies: ({ expression }) => /\b(?:topk|bottomk)\b/.test(expression),
    without: (expression) => expression.replaceAll(/\b(?:topk|bottomk)\b/g, 'quantile'),
  },
];

const suite = isInstalled('prometheus') ? describe : describe.skip;

suite('the same questions to a real Prometheus (skipped where none is installed)', () => {
  let database: TestDatabase;
  let server: TestServer;
  let prometheus: Prometheus;

  beforeAll(async () => {
    const series = randomSeries(new SeededRandom(SEED), FROM, TO);
    database = await createTestDatabase();
    server = await startServer({ DATABASE_URL: database.url, PROMQL_QUERIES_PER_TOKEN: String(2 * ASKED_AT_ONCE) });
    prometheus = await startPrometheus({}, [], ['--web.enable-remote-write-receiver']);
    await Promise.all([remoteWrite(prometheus.url, series), pushAll(server, series)]);
  });

  afterAll(async () => {
    await prometheus?.stop();
    await server?.stop();
    await database?.drop();
  });

  async function askBoth(question: Question): Promise<Answers> {
    const [theirs, ours] = await Promise.all([ask(prometheus.url, question), ask(server.url, question)]);
    return { theirs, ours };
  }

  async function changeBehind(question: Question, answers: Answers): Promise<Change | undefined> {
    for (const change of CHANGES) {
      if (!change.applies(question, answers)) continue;
      if (change.without === undefined) return change;
      const rest = { ...question, expression: change.without(question.expression) };
      if (differenceOf(rest, await askBoth(rest)) === null) return change;
    }
    return undefined;
  }

  it(
    `answers ${EXPRESSIONS} random expressions alike (seed ${SEED})`,
    async () => {
      const questions = randomQuestions(new SeededRandom(SEED + 1));
      const unexplained: string[] = [];
      const explained = new Map<string, number>();
      let answered = 0;
      const compare = async (question: Question): Promise<void> => {
        const answers = await askBoth(question);
        if (hasResult(answers.theirs)) answered++;
        const difference = differenceOf(question, answers);
        if (difference === null) return;
        const change = await changeBehind(question, answers);
        if (change === undefined) {
          unexplained.push(`${difference.kind}: ${JSON.stringify(question)}\n    ${difference.detail}`);
        } else {
          explained.set(change.why, (explained.get(change.why) ?? 0) + 1);
        }
      };
      await Promise.all(
        Array.from({ length: ASKED_AT_ONCE }, async () => {
          for (let next = questions.pop(); next !== undefined; next = questions.pop()) await compare(next);
        }),
      );
      if (process.env.PROMQL_DIFFERENTIAL_EXPRESSIONS !== undefined) {
        console.log({ answered, unexplained: unexplained.length, explained: Object.fromEntries(explained) });
      }
      expect(unexplained).toEqual([]);
      // If most expressions had no result, hardly anything would be compared.
      expect(answered).toBeGreaterThan(EXPRESSIONS);
    },
    240_000 + EXPRESSIONS * 200,
  );
});

function randomQuestions(random: SeededRandom): Question[] {
  const pinned = Array.from({ length: 5 }, () => seconds(randomTime(random)));
  const promql = new RandomPromql(random, pinned);
  return Array.from({ length: EXPRESSIONS }, () => promql.expression()).flatMap((expression): Question[] => {
    const stepSeconds = random.pick([7, 15, 30, 60, 97, 300]);
    const start = randomTime(random);
    const end = start + random.integer(1, 50) * stepSeconds * 1_000;
    return [
      { path: 'query', expression, times: { time: seconds(randomTime(random)) } },
      {
        path: 'query_range',
        expression,
        times: { start: seconds(start), end: seconds(end), step: String(stepSeconds) },
      },
    ];
  });
}

function randomTime(random: SeededRandom): number {
  const second = random.integer(FROM / 1_000 + 600, TO / 1_000 + 120);
  return second * 1_000 + MILLISECONDS_OF_QUERIES;
}

function seconds(atMs: number): string {
  return (atMs / 1_000).toFixed(3);
}

async function ask(url: string, { path, expression, times }: Question): Promise<QueryAnswer> {
  const response = await fetch(`${url}/api/v1/${path}`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${ADMIN_TOKEN}` },
    body: new URLSearchParams({ query: expression, view: 'raw', ...times }),
  });
  const text = await response.text();
  try {
    return { status: response.status, body: JSON.parse(text) as QueryAnswer['body'] };
  } catch (error) {
    return { status: response.status, body: { status: 'error', errorType: (error as Error).message } };
  }
}

function differenceOf(question: Question, { theirs, ours }: Answers): Difference | null {
  return firstDifference(theirs, ours, isOrdered(question));
}

function hasResult({ body }: QueryAnswer): boolean {
  const result = body.data?.result;
  return Array.isArray(result) && result.length > 0;
}

/** Returns whether the answer is ordered. An instant vector is ordered only if a function has sorted it. */
function isOrdered({ path, expression }: Question): boolean {
  return path === 'query' && /^(?:sort|sort_desc)\(/.test(expression);
}

async function pushAll(server: TestServer, series: readonly RandomSeries[]): Promise<void> {
  const items = series.flatMap(({ name, labels, isCounter, times, values }) =>
    times.map((timestamp, index): Item => ({
      name,
      labels,
      timestamp,
      value: values[index]!,
      ...(isCounter ? { temporality: 'cumulative' } : {}),
    })),
  );
  for (let from = 0; from < items.length; from += ITEMS_PER_PUSH) {
    const response = await push(server, items.slice(from, from + ITEMS_PER_PUSH));
    const text = await response.text();
    if (response.status !== 202 || text !== '') throw new Error(`push: ${response.status} ${text}`);
  }
}
