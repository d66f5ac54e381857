import fc from 'fast-check';

import { answerQuery, pushedSeries, seriesOfAnswer, type Point } from '../../../test/support/promql-query.js';
import { PromqlError } from './errors.js';
import { dropMetadata, labelText } from './series/labels.js';
import type { SelectedSeries, View } from './series/series-source.js';

const STEP_MS = 37_000;
const STEPS = 8;
/** The number of runs of each property. `PROPERTY_RUNS` overrides it, for longer runs than the suite has time for. */
const RUNS = Number(process.env.PROPERTY_RUNS ?? 150);

/** Generates series of two metrics with two labels. Their samples are at irregular times, with gaps and stale markers. */
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

const callOfSamples = fc
  .tuple(
    rangeFunction,
    fc.constantFrom('a', 'b_total', '{job="1"}'),
    fc.constantFrom('[40s]', '[3m]', '[3m] @ 200 offset 10s'),
  )
  .map(([name, metric, range]) => `${name}(${metric}${range})`);

const pick = fc.constantFrom('topk by (job) (2, $)', 'bottomk(1, $)', 'bottomk by (job) (1, $)');

const { vector } = fc.letrec<{ vector: string; call: string }>((tie) => ({
  call: fc.oneof(
    callOfSamples,
    fc.tuple(rangeFunction, tie('vector')).map(([name, inner]) => `${name}((${inner})[2m:25s])`),
  ),
  vector: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    selector,
    tie('call'),
    // These functions keep the first of equal values, so only operands whose series are in the stored order are used here.
    fc.tuple(pick, fc.oneof(selector, callOfSamples)).map(([name, inner]) => name.replace('$', () => inner)),
    fc
      .tuple(fc.constantFrom('abs', 'round', '-', 'timestamp', 'absent'), tie('vector'))
      .map(([name, inner]) => `${name}(${inner})`),
    fc
      .tuple(
        fc.constantFrom('sum', 'avg', 'max', 'count', 'quantile(0.3, $)', 'count_values("v", $)'),
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

type ValueBySeries = Record<string, number>;

interface Case {
  readonly series: readonly SelectedSeries[];
  readonly view: View;
  readonly delaysNameRemoval: boolean;
}

const END_MS = (STEPS - 1) * STEP_MS;
const TIMES_MS = Array.from({ length: STEPS }, (_, step) => step * STEP_MS);

/** Returns the value of each series, or the error message, at each step, from one instant query per step. */
function instantAnswers(query: string, { series, view, ...options }: Case): (ValueBySeries | string)[] {
  return TIMES_MS.map((timeMs) =>
    attempt(() => {
      const answer = answerQuery(query, [...series], { startMs: timeMs, defaultView: view, ...options });
      return Object.fromEntries(seriesOfAnswer(answer).map(({ labels, values }) => [labelText(labels), values[0]!]));
    }),
  );
}

/** Returns the value of each series at each step, or the error message, from one range query. */
function rangeAnswer(query: string, { series, view, ...options }: Case): ValueBySeries[] | string {
  return attempt(() => {
    const range = { kind: 'range', startMs: 0, endMs: END_MS, stepMs: STEP_MS } as const;
    const rows = seriesOfAnswer(answerQuery(query, [...series], { ...range, defaultView: view, ...options }));
    return TIMES_MS.map((timeMs) =>
      Object.fromEntries(
        rows
          .filter(({ timestamps }) => timestamps.includes(timeMs))
          .map(({ labels, timestamps, values }) => [labelText(labels), values[timestamps.indexOf(timeMs)]!]),
      ),
    );
  });
}

function attempt<T>(run: () => T): T | string {
  try {
    return run();
  } catch (error) {
    if (error instanceof PromqlError) {
      return error.message;
    }
    throw error;
  }
}

/** Checks that a refused range query has a step that is refused, or two series with the same labels at different steps. */
function expectRefusal(query: string, message: string, instants: readonly unknown[], given: Case): void {
  if (!instants.some((instant) => typeof instant === 'string')) {
    expect({ query, message, mayShareLabels: mayShareLabels(query, given) }).toEqual({
      query,
      message: 'vector cannot contain metrics with the same labelset',
      mayShareLabels: true,
    });
  }
}

/**
 * Returns whether a range function may remove the name by which two series differ, which is refused even at different steps.
 * Either two such series are stored, or `or` creates them from one operand with its name and another without.
 */
function mayShareLabels(query: string, { series, delaysNameRemoval }: Case): boolean {
  const keys = series.map(({ labels }) => labelText(dropMetadata(labels)));
  const areStored = new Set(keys).size < keys.length;
  return !delaysNameRemoval && query.includes('[') && (areStored || query.includes(' or '));
}

function seriesInView(series: readonly SelectedSeries[], view: View): SelectedSeries[] {
  return series.map((each, place) => ({
    ...each,
    held: view === 'held' ? { gridMs: 15_000, timeToLiveMs: 200_000, startsFromZero: place % 2 === 0 } : null,
  }));
}

describe('a range query', () => {
  for (const view of ['raw', 'held'] as const) {
    for (const delaysNameRemoval of [false, true]) {
      const names = delaysNameRemoval ? 'names that go at the end' : 'names that go at once';
      it(`gives at each step the answer of an instant query at that time, in the ${view} view with ${names}`, () => {
        fc.assert(
          fc.property(anySeries, vector, (points, query) => {
            const given = { series: seriesInView(points, view), view, delaysNameRemoval };
            const instants = instantAnswers(query, given);
            const range = rangeAnswer(query, given);
            if (typeof range === 'string') {
              expectRefusal(query, range, instants, given);
            } else {
              expect(range).toEqual(instants);
            }
          }),
          { numRuns: RUNS },
        );
      });
    }
  }

  /**
   * When values tie, `topk` and `bottomk` keep the series that come first in their input. That order comes from the series the
   * input was computed from: all of them in a range query, but only those with a sample at that time in an instant query. The two
   * queries can therefore keep different series, as in Prometheus, but always the same number of series with the same values.
   */
  it('picks at each step the same values as an instant query at that time', () => {
    fc.assert(
      fc.property(anySeries, vector, pick, (points, inner, name) => {
        const given: Case = { series: seriesInView(points, 'raw'), view: 'raw', delaysNameRemoval: false };
        const query = name.replace('$', () => inner);
        const instants = instantAnswers(query, given);
        const range = rangeAnswer(query, given);
        if (typeof range === 'string') {
          expectRefusal(query, range, instants, given);
          return;
        }
        const pickedAt = (answer: ValueBySeries | string) => pickedValues(name, answer as ValueBySeries);
        expect(range.map(pickedAt)).toEqual(instants.map(pickedAt));
        for (const [step, all] of instantAnswers(inner, given).entries()) {
          expect(all).toEqual(expect.objectContaining(range[step]!));
        }
      }),
      { numRuns: RUNS },
    );
  });
});

/** Returns the values that were picked in each group, regardless of the series that have them. */
function pickedValues(query: string, answer: ValueBySeries): string[] {
  const groupOf = (labels: string) => (query.includes(' by (job) ') ? (/job="\d"/.exec(labels)?.[0] ?? '') : '');
  return Object.entries(answer)
    .map(([labels, value]) => `${groupOf(labels)} ${value}`)
    .toSorted();
}
