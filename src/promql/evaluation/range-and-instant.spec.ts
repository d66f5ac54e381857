import fc from 'fast-check';

import { answerQuery, pushedSeries, seriesOfAnswer, type Point } from '../../../test/support/promql-query.js';
import { PromqlError } from './errors.js';
import { labelText } from './series/labels.js';
import type { SelectedSeries, View } from './series/series-source.js';

const STEP_MS = 37_000;
const STEPS = 8;

/** Two metrics with two labels, at irregular times, with gaps and ends. */
const anySeries: fc.Arbitrary<SelectedSeries[]> = fc
  .array(
    fc.record({
      name: fc.constantFrom('a', 'b_total'),
      job: fc.constantFrom('1', '2'),
      instance: fc.constantFrom('x', 'y', 'z'),
      samples: fc.array(
        fc.record({
          gapMs: fc.integer({ min: 1, max: 90_000 }),
          value: fc.oneof(
            fc.integer({ min: -3, max: 9 }),
            fc.constantFrom(0.1, NaN, Infinity),
            fc.constant('stale' as const),
          ),
        }),
        { maxLength: 12 },
      ),
    }),
    { maxLength: 6 },
  )
  .map((rows) => {
    const byName = new Map<string, SelectedSeries>();
    for (const { name, job, instance, samples } of rows) {
      let timeMs = 0;
      const points = samples.map(({ gapMs, value }): Point => [(timeMs += gapMs), value]);
      const selector = `${name}{job="${job}", instance="${instance}"}`;
      byName.set(selector, pushedSeries(selector, points));
    }
    return [...byName.values()];
  });

const selector = fc.constantFrom(
  'a',
  'b_total',
  '{job="1"}',
  'a{instance!="x"}',
  'b_total offset 1m',
  'a @ 100',
  'b_total offset -30s',
);

const rangeFunction = fc.constantFrom(
  'rate',
  'increase',
  'irate',
  'delta',
  'deriv',
  'changes',
  'resets',
  'sum_over_time',
  'avg_over_time',
  'max_over_time',
  'min_over_time',
  'count_over_time',
  'last_over_time',
  'stddev_over_time',
  'absent_over_time',
);

const { vector } = fc.letrec<{ vector: string; call: string }>((tie) => ({
  call: fc.oneof(
    fc
      .tuple(
        rangeFunction,
        fc.constantFrom('a', 'b_total', '{job="1"}'),
        fc.constantFrom('40s', '3m', '3m] @ 200 offset 10s#'),
      )
      .map(([name, metric, range]) =>
        range.endsWith('#') ? `${name}(${metric}[${range.slice(0, -1)})` : `${name}(${metric}[${range}])`,
      ),
    fc.tuple(rangeFunction, tie('vector')).map(([name, inner]) => `${name}((${inner})[2m:25s])`),
  ),
  vector: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    selector,
    tie('call'),
    fc
      .tuple(fc.constantFrom('abs', 'round', '-', 'timestamp', 'absent'), tie('vector'))
      .map(([name, inner]) => `${name}(${inner})`),
    fc
      .tuple(
        fc.constantFrom(
          'sum',
          'avg',
          'max',
          'count',
          'topk by (job) (2, $)',
          'quantile(0.3, $)',
          'count_values("v", $)',
          'bottomk(1, $)',
        ),
        fc.constantFrom('by (job)', 'without (job)', ''),
        tie('vector'),
      )
      .map(([name, by, inner]) => (name.includes('$') ? name.replace('$', () => inner) : `${name} ${by} (${inner})`)),
    fc
      .tuple(
        tie('vector'),
        fc.constantFrom(
          '+',
          '/',
          '> bool',
          '>',
          'and',
          'or',
          'unless',
          '* on(job) group_left()',
          '+ on(instance)',
          'or on(job)',
        ),
        tie('vector'),
      )
      .map(([left, operator, right]) => `(${left}) ${operator} (${right})`),
    fc
      .tuple(tie('vector'), fc.constantFrom('+ 1', '> 2', '== bool 3', '* time()', '^ scalar(a{job="1"})'))
      .map(([inner, rest]) => `(${inner}) ${rest}`),
  ),
}));

/**
 * Of equal values `topk` and `bottomk` keep the first, and the groups of an aggregation come in the order of the series that
 * they are made of: over a range of all series, at an instant of those that have a sample then. Prometheus does the same, so
 * the two may keep different groups.
 */
const PICKS_AMONG_GROUPS = /(?:topk|bottomk)\b.*\b(?:sum|avg|max|count|quantile|count_values)\b/;

/** The value of each series at one time. */
function instantValues(query: string, series: SelectedSeries[], timeMs: number, view: View): Record<string, number> {
  const result = seriesOfAnswer(answerQuery(query, series, { startMs: timeMs, defaultView: view }));
  return Object.fromEntries(result.map(({ labels, values }) => [labelText(labels), values[0]!]));
}

function attempt<T>(run: () => T): T | string {
  try {
    return run();
  } catch (error) {
    if (error instanceof PromqlError) {
      return 'refused';
    }
    throw error;
  }
}

describe('a range query', () => {
  for (const view of ['raw', 'held'] as const) {
    it(`answers at each step what an instant query answers then, in the ${view} view`, () => {
      fc.assert(
        fc.property(anySeries, vector, (points, query) => {
          fc.pre(!PICKS_AMONG_GROUPS.test(query));
          const series = points.map((each, place) => ({
            ...each,
            held: view === 'held' ? { gridMs: 15_000, timeToLiveMs: 200_000, startsFromZero: place % 2 === 0 } : null,
          }));
          const endMs = (STEPS - 1) * STEP_MS;
          const steps = Array.from({ length: STEPS }, (_, step) => step * STEP_MS);
          const instants = steps.map((timeMs) => attempt(() => instantValues(query, series, timeMs, view)));
          const range = attempt(() =>
            seriesOfAnswer(
              answerQuery(query, series, { kind: 'range', startMs: 0, endMs, stepMs: STEP_MS, defaultView: view }),
            ),
          );
          if (typeof range === 'string') {
            // One step that has no answer refuses the whole range.
            expect(instants).toContain('refused');
            return;
          }
          const atStep = steps.map((timeMs) =>
            Object.fromEntries(
              range
                .filter(({ timestamps }) => timestamps.includes(timeMs))
                .map(({ labels, timestamps, values }) => [labelText(labels), values[timestamps.indexOf(timeMs)]!]),
            ),
          );
          expect(atStep).toEqual(instants);
        }),
        { seed: 1, numRuns: 300 },
      );
    });
  }
});
