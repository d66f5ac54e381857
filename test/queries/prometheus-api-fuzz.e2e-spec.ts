import fc from 'fast-check';
import { ADMIN_TOKEN, push } from '../support/server.js';
import { serviceUnderTest } from '../support/service-under-test.js';

/** The seed. FUZZ_SEED sets another one, and FUZZ_RUNS sets the number of runs. */
const SEED = Number(process.env.FUZZ_SEED ?? 20261126);
const RUNS = Number(process.env.FUZZ_RUNS ?? 400);

const AT_ONCE = 8;
const TIMEOUT_MS = 5_000;
/** The time by which an answer may exceed the limit on a busy machine. */
const GRACE_MS = 10_000;

const NOW = Math.floor(Date.now() / 60_000) * 60_000;

const name = fc.constantFrom('a_total', 'b_gauge', 'h_bucket', 'none', '{__name__=~".+"}', '{app!="",__view__="raw"}');
const duration = fc.constantFrom('1s', '5m', '1h30m', '1d', '0s', '1y', '-5m', '1ms', '90');
const number = fc.constantFrom('0', '1', '-1', '1e308', 'NaN', 'Inf', '-Inf', '0x1f', '1_000', '.5', '1e-320');
const FUNCTIONS = [
  'abs ceil rate increase delta deriv irate idelta changes resets sum_over_time avg_over_time quantile_over_time',
  'stddev_over_time last_over_time absent absent_over_time sort sort_desc timestamp vector scalar time label_replace',
  'label_join histogram_quantile predict_linear clamp round day_of_week minute exp ln sgn pi holt_winters nonsense',
]
  .join(' ')
  .split(' ');

/** Generates expressions that look meaningful. Many of them are. */
const { expression } = fc.letrec<{ expression: string }>((tie) => ({
  expression: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    name,
    number,
    fc.tuple(name, duration).map(([selector, range]) => `${selector}[${range}]`),
    fc.tuple(name, duration).map(([selector, range]) => `${selector} offset ${range}`),
    fc.constantFrom('"text"', "'a'", '`b`', 'a_total @ end()', 'b_gauge @ 0', 'a_total{app=~"a|b"}', '{app=~"(a+)+$"}'),
    fc
      .tuple(
        tie('expression'),
        fc.constantFrom('+', '-', '*', '/', '%', '^', '==', '> bool', 'and', 'or', 'unless', 'atan2'),
        tie('expression'),
      )
      .map(([left, operator, right]) => `${left} ${operator} ${right}`),
    fc
      .tuple(
        tie('expression'),
        fc.constantFrom('+ on(app)', '* ignoring(app) group_left', '/ on() group_right(x)'),
        tie('expression'),
      )
      .map(([left, operator, right]) => `(${left}) ${operator} (${right})`),
    fc
      .tuple(fc.constantFrom(...FUNCTIONS), fc.array(tie('expression'), { maxLength: 3 }))
      .map(([f, args]) => `${f}(${args.join(', ')})`),
    fc
      .tuple(
        fc.constantFrom(
          'sum',
          'avg',
          'min',
          'max',
          'count',
          'topk',
          'bottomk',
          'quantile',
          'stddev',
          'count_values',
          'group',
        ),
        fc.constantFrom('', ' by (app)', ' without (app, le)', ' by ()'),
        fc.array(tie('expression'), { minLength: 1, maxLength: 2 }),
      )
      .map(([aggregator, grouping, args]) => `${aggregator}${grouping} (${args.join(', ')})`),
    fc
      .tuple(tie('expression'), duration, fc.constantFrom('', '1m', '1s'))
      .map(([inner, range, step]) => `(${inner})[${range}:${step}]`),
    fc.tuple(fc.constantFrom('-', '+', '(', ''), tie('expression')).map(([sign, inner]) => `${sign}${inner}`),
  ),
}));

/** Generates the same expressions with a few characters removed, replaced or appended. */
const mutated = fc
  .tuple(
    expression,
    fc.array(
      fc.tuple(fc.nat(), fc.constantFrom('', '(', ')', '[', '{', '"', '\\', '\0', 'é', '🚀', '1', ' ', '\n', '#')),
      { minLength: 1, maxLength: 4 },
    ),
  )
  .map(([text, edits]) =>
    edits.reduce((edited, [place, put]) => {
      const at = place % (edited.length + 1);
      return edited.slice(0, at) + put + edited.slice(at + 1);
    }, text),
  );

const odd = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.string({
    unit: fc.constantFrom('(', ')', '[', ']', '{', '}', '=', '~', '!', '"', ',', ':', '@', '-', '1', 'a', ' '),
    maxLength: 200,
  }),
  fc.constantFrom(
    '('.repeat(50_000),
    '-'.repeat(50_000),
    `${'a+'.repeat(40_000)}a`,
    `{a=~"${'(a|b)*'.repeat(500)}"}`,
    `a[${'9'.repeat(400)}y]`,
  ),
  fc.constantFrom('{a=~"a{1000}{1000}"}', 'a offset 9999999999y', `"${'x'.repeat(99_000)}"`, 'x'.repeat(100_001)),
);

const text = fc.oneof(
  { weight: 4, arbitrary: expression },
  { weight: 4, arbitrary: mutated },
  { weight: 2, arbitrary: odd },
);
const time = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...[0, 10, 600, 86_400].map((ago) => String(NOW / 1_000 - ago))) },
  { weight: 1, arbitrary: fc.constantFrom('', '-1', '1e12', '8.64e12', '1e300', 'x', '0') },
);
const parameters = fc.record({
  query: text,
  time,
  start: time,
  end: time,
  step: fc.constantFrom('15', '60', '3600', '1m', '0', '0.001', '-1', 'x'),
  view: fc.constantFrom('', 'held', 'raw', 'delta'),
  path: fc.constantFrom('query', 'query', 'query_range', 'format_query', 'parse_query'),
});

const server = serviceUnderTest({ PROMQL_TIMEOUT: `${TIMEOUT_MS / 1_000}s`, PROMQL_MAX_SAMPLES: '500000' });

beforeAll(async () => {
  await push(
    server,
    Array.from({ length: 120 }, (_, minute) => minute).flatMap((minute) => [
      { name: 'a_total', value: minute % 7, labels: { app: 'a' }, timestamp: NOW - minute * 60_000 },
      { name: 'a_total', value: 1, labels: { app: 'b' }, timestamp: NOW - minute * 60_000 },
      { name: 'b_gauge', value: Math.sin(minute), labels: { app: 'a', x: 'y' }, timestamp: NOW - minute * 60_000 },
      ...['0.1', '1', '+Inf'].map((le) => ({
        name: 'h_bucket',
        value: 1,
        labels: { le },
        timestamp: NOW - minute * 60_000,
      })),
    ]),
  );
});

test(
  `whatever is asked, an answer comes in time and nothing breaks (seed ${SEED})`,
  async () => {
    const questions = fc.sample(parameters, { seed: SEED, numRuns: RUNS }).values();
    const statuses = new Map<number, number>();
    const wrong: unknown[] = [];
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        for (const { path, ...rest } of questions) {
          const startedAt = Date.now();
          const response = await fetch(`${server.url}/api/v1/${path}`, {
            method: 'POST',
            headers: { Authorization: ADMIN_TOKEN },
            body: new URLSearchParams(rest),
          });
          const { status } = response;
          const answer = (await response.json()) as { status: string; errorType?: string };
          statuses.set(status, (statuses.get(status) ?? 0) + 1);
          const isRight =
            (status === 200 && answer.status === 'success') ||
            (status === 400 && answer.errorType === 'bad_data') ||
            (status === 422 && answer.errorType === 'execution') ||
            // A query that takes too long must be answered with the right error.
            (status === 503 && answer.errorType === 'timeout');
          const tookMs = Date.now() - startedAt;
          if (!isRight || tookMs > TIMEOUT_MS * AT_ONCE + GRACE_MS)
            wrong.push({ path, ...rest, status, answer, tookMs });
        }
      }),
    );
    expect(wrong.slice(0, 5)).toEqual([]);
    // Both kinds of answers must occur; otherwise the generators no longer test anything.
    expect(statuses.get(200)).toBeGreaterThan(RUNS / 20);
    expect(statuses.get(400)).toBeGreaterThan(RUNS / 20);
    expect(server.output()).not.toContain('"level":"error"');
    expect(server.process.exitCode).toBeNull();
  },
  240_000 + RUNS * 500,
);
