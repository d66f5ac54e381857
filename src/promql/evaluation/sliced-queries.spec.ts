import { MemorySource, planFor } from '../../../test/support/promql-query.js';
import { RandomPromql } from '../../../test/support/random-promql.js';
import { randomSeries } from '../../../test/support/random-series.js';
import { SeededRandom } from '../../../test/support/seeded-random.js';
import { parse } from '../syntax/parser/parser.js';
import { PromqlError } from './errors.js';
import { QueryRun } from './evaluate.js';
import { resultJson } from './result/result-json.js';
import type { QueryPlan } from './series/plan.js';
import type { SelectedSeries } from './series/series-source.js';

const START = 1_700_000_000_000;
const HOUR_MS = 3_600_000;
const EXPRESSIONS = 500;

const random = new SeededRandom(11);
const series: SelectedSeries[] = randomSeries(random, START, START + HOUR_MS).map(
  ({ name, labels, times, values }) => ({
    labels: new Map([['__name__', name], ...Object.entries(labels)]),
    timestamps: Float64Array.from(times),
    values: Float64Array.from(values),
    stale: null,
    held: null,
  }),
);

const FOLDED = [
  ...['sum', 'avg', 'count', 'group', 'min', 'max', 'stddev', 'stdvar'].flatMap((aggregator) => [
    `${aggregator} by (__name__) ({__name__!=""})`,
    `${aggregator} without (instance) (rate(requests_total[5m]))`,
  ]),
  'sum(requests_total) / sum(requests_total offset 10m)',
  'count(count by (job) (temperature > 3))',
  'sum(temperature @ start())',
];

const NOT_FOLDED = [
  'topk(3, temperature)',
  'sum(requests_total) / scalar(requests_total)',
  'sum(rate({__name__=~"errors_total|requests_total"}[5m]))',
  'max_over_time(sum(temperature)[10m:1m])',
  'sum(temperature * on (job) group_left queue_limit)',
  'sum(absent_over_time(temperature[5m]))',
];

/** Returns the plan of a query, or undefined if the query is refused. */
function planOf(query: string, isRange: boolean): QueryPlan | undefined {
  const startMs = START + HOUR_MS / 2;
  try {
    return planFor(query, {
      ...(isRange ? { kind: 'range', endMs: startMs + HOUR_MS / 4, stepMs: 61_000 } : { kind: 'instant' }),
      startMs,
      nowMs: START + HOUR_MS,
    });
  } catch (error) {
    if (error instanceof PromqlError || (error as Error).name === 'PromqlSyntaxError') return undefined;
    throw error;
  }
}

/**
 * Returns the JSON answer of a query, or the error message. The series are given in slices where the plan allows it, unless the
 * length of a slice is Infinity.
 */
function answer(plan: QueryPlan, sliceLength: number): string {
  const run = new QueryRun(plan, { maxSamples: 1e9, maxSeries: 1_000 });
  const source = new MemorySource(plan.requests, series);
  try {
    if (sliceLength < Infinity) {
      for (const selector of plan.folds.keys()) {
        const selected = source.seriesOf(selector);
        for (let first = 0; first === 0 || first < selected.length; first += sliceLength) {
          run.fold(selector, selected.slice(first, first + sliceLength));
        }
      }
    }
    const seriesOf = (selector: number) => {
      if (sliceLength < Infinity && plan.folds.has(selector)) throw new Error('These series came in slices.');
      return source.seriesOf(selector);
    };
    const { warnings, infos, ...result } = run.answer({ seriesOf });
    return JSON.stringify({
      warnings,
      infos,
      json: Buffer.concat([...resultJson({ warnings, infos, ...result })]).toString(),
    });
  } catch (error) {
    if (error instanceof PromqlError) return error.message;
    throw error;
  }
}

describe('a query whose series come in slices', () => {
  it.each(FOLDED)('has the same answer to the last bit: %s', (query) => {
    for (const isRange of [false, true]) {
      const plan = planOf(query, isRange)!;
      expect(plan.folds.size).toBe(plan.requests.length);
      for (const sliceLength of [1, 7, 1_000]) expect(answer(plan, sliceLength)).toBe(answer(plan, Infinity));
    }
  });

  it.each(NOT_FOLDED)('is not possible if the result needs several series at a time: %s', (query) => {
    parse(query);
    expect(planOf(query, false)!.folds.size).toBeLessThan(planOf(query, false)!.requests.length || 1);
  });

  it('has the same answer for any expression', () => {
    const promql = new RandomPromql(random, [String(START / 1_000)]);
    let folded = 0;
    for (let count = 0; count < EXPRESSIONS; count++) {
      const query = promql.expression();
      const plan = planOf(query, random.isTrue(0.5));
      if (plan === undefined || plan.folds.size === 0) continue;
      folded++;
      const whole = answer(plan, Infinity);
      const sliced = answer(plan, random.integer(1, 20));
      if (sliced !== whole) throw new Error(`${query}\nwhole:  ${whole}\nsliced: ${sliced}`);
    }
    expect(folded).toBeGreaterThan(EXPRESSIONS / 20);
  });

  it('refuses more groups than the limit', () => {
    const plan = planOf('count by (__name__, job, instance, code) ({__name__!=""})', false)!;
    const run = new QueryRun(plan, { maxSamples: 1e9, maxSeries: 10 });
    expect(() => run.fold(0, series)).toThrow('count makes more than 10 groups');
  });
});
