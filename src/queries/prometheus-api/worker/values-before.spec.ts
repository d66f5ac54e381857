import fc from 'fast-check';
import { seconds, timeModifier } from '../../../../test/support/promql-arbitraries.js';
import { planFor } from '../../../../test/support/promql-query.js';
import { evaluate } from '../../../promql/evaluation/evaluate.js';
import type { QueryPlan } from '../../../promql/evaluation/series/plan.js';
import type { SelectRequest } from '../../../promql/evaluation/series/series-source.js';
import type { PortableSeries } from './portable-series.js';
import { selectedSeriesOf } from './view-columns.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const GRID = 15 * SECOND;
/** The start is not on the grid. */
const START = 1_700_000_003_141;

interface Sample {
  readonly at: number;
  readonly value: number;
}

const at = fc.oneof(
  fc.integer({ min: START, max: START + 30 * MINUTE }),
  fc.integer({ min: 0, max: 120 }).map((point) => (Math.floor(START / GRID) + point) * GRID),
);
const value = fc.oneof({ weight: 10, arbitrary: fc.nat(100) }, { weight: 1, arbitrary: fc.constant(NaN) });
const samples = fc
  .uniqueArray(fc.record({ at, value }), { selector: (sample) => sample.at, maxLength: 40 })
  .map((found) => found.toSorted((a, b) => a.at - b.at));
const kind = fc.constantFrom('gauge' as const, 'cumulative' as const);

const modifier = timeModifier(START + 1_234_000);
const selected = fc.oneof(
  { weight: 4, arbitrary: modifier.map((how) => `x${how}`) },
  { weight: 1, arbitrary: modifier.map((how) => `timestamp(x${how})`) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.constantFrom('rate', 'count_over_time', 'first_over_time'), fc.constantFrom('5m', '40s'), modifier)
      .map(([name, range, how]) => `${name}(x[${range}]${how})`),
  },
);
const query = fc.oneof(
  { weight: 4, arbitrary: selected },
  { weight: 2, arbitrary: fc.tuple(selected, selected).map(([left, right]) => `${left} + ${right}`) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(selected, seconds(60, 900), seconds(10, 300))
      .map(([inner, range, step]) => `sum_over_time((${inner})[${range}:${step}])`),
  },
);
const times = fc.record({
  kind: fc.constantFrom('instant' as const, 'range' as const),
  startMs: at,
  lengthMs: fc.nat(20 * MINUTE),
  stepMs: fc.integer({ min: 5 * SECOND, max: 10 * MINUTE }),
  nowMs: fc.integer({ min: START + 20 * MINUTE, max: START + 40 * MINUTE }),
  lookbackMs: fc.constantFrom(10 * SECOND, 40 * SECOND, 5 * MINUTE),
  timeToLiveMs: fc.constantFrom(2 * MINUTE, Infinity),
});

/** Returns the samples that a request reads, and whether the value before them was left out. */
function read(
  all: readonly Sample[],
  { startMs, endMs, firstValueMs = -Infinity }: SelectRequest,
  leavesOut: boolean,
): { samples: Pick<PortableSeries, 'timestamps' | 'values' | 'valueBefore' | 'atBefore'>; isLeftOut: boolean } {
  const inRange = all.filter((sample) => sample.at >= startMs && sample.at <= endMs);
  const before = all.findLast((sample) => sample.at < startMs);
  const isLeftOut = leavesOut && before !== undefined && inRange.some((sample) => sample.at <= firstValueMs);
  const known = isLeftOut || Number.isNaN(before?.value) ? undefined : before;
  return {
    samples: {
      timestamps: Float64Array.from(inRange, (sample) => sample.at),
      values: Float64Array.from(inRange, (sample) => sample.value),
      valueBefore: known?.value,
      atBefore: known?.at,
    },
    isLeftOut,
  };
}

let leftOut = 0;

function answer(
  plan: QueryPlan,
  all: readonly Sample[],
  series: Pick<PortableSeries, 'kind' | 'isGauge'>,
  timeToLiveMs: number,
  leavesOut: boolean,
): string {
  const rules = { gridMs: GRID, gaugeTimeToLiveMs: timeToLiveMs, counterTimeToLiveMs: timeToLiveMs };
  const selectedOf = plan.requests.map((request) => {
    const { samples: found, isLeftOut } = read(all, request, leavesOut);
    if (isLeftOut) leftOut++;
    if (found.values.length === 0 && found.valueBefore === undefined) return [];
    const portable = { name: 'x', labelsText: '', isScraped: false, isStaleBefore: false, ...series, ...found };
    return [selectedSeriesOf(portable, { view: 'held', readFromMs: request.startMs }, rules)];
  });
  const limits = { maxSamples: 1_000_000, maxSeries: 1_000 };
  const { result } = evaluate(plan, { seriesOf: (selector) => selectedOf[selector]! }, limits);
  return JSON.stringify(result, (_, each: unknown) => (ArrayBuffer.isView(each) ? [...(each as Float64Array)] : each));
}

it('does not change with the sample before the range if a series has a sample before the first value that matters', () => {
  fc.assert(
    fc.property(samples, kind, query, times, (all, of, text, { startMs, lengthMs, timeToLiveMs, ...how }) => {
      const endMs = how.kind === 'range' ? startMs + lengthMs : startMs;
      const plan = planFor(text, { ...how, startMs, endMs, defaultView: 'held', heldGridMs: GRID });
      const series = { kind: of, isGauge: of === 'gauge' };
      expect(answer(plan, all, series, timeToLiveMs, true)).toBe(answer(plan, all, series, timeToLiveMs, false));
    }),
    { numRuns: 5_000 },
  );
  expect(leftOut).toBeGreaterThan(200);
});
