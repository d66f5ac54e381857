import { answerQuery, minuteSeries, pushedSeries, seriesOfAnswer } from '../../../test/support/promql-query.js';
import type { PlanOptions } from './series/plan.js';

const SERIES = minuteSeries({ a_total: [1, 2, 4, 8], b_total: [1, 1, 1, 1] });
const RANGE: Partial<PlanOptions> = { kind: 'range', startMs: 60_000, endMs: 180_000, stepMs: 60_000 };

function resultOf(query: string, options: Partial<PlanOptions>): Record<string, number[]> {
  const series = seriesOfAnswer(answerQuery(query, SERIES, options));
  return Object.fromEntries(series.map(({ labels, values }) => [labels.get('__name__') ?? '', [...values]]));
}

test('removes a name as soon as it no longer fits', () => {
  expect(resultOf('a_total > 3 or a_total * 10', RANGE)).toEqual({ '': [20], a_total: [4, 8] });
});

test('refuses two series that differ only by their names', () => {
  const query = 'count(rate({__name__=~"a_total|b_total"}[2m]))';
  expect(() => answerQuery(query, SERIES, RANGE)).toThrow('vector cannot contain metrics with the same labelset');
});

test('can remove names at the end of the query instead', () => {
  const query = 'count(rate({__name__=~"a_total|b_total"}[2m]))';
  expect(resultOf(query, { ...RANGE, delaysNameRemoval: true })).toEqual({ '': [2, 2, 2] });
});

describe('two series that differ only by their names, with values at different steps', () => {
  const early = pushedSeries('a_total{job="1"}', [
    [1, 0],
    [2, 0.1],
  ]);
  const late = pushedSeries('b_total{job="1"}', [
    [34_001, 0],
    [37_001, 0.1],
  ]);
  const asked = { kind: 'range', startMs: 1_000, endMs: 75_000, stepMs: 37_000 } as const;

  function answerOf(query: string, options: Partial<PlanOptions>) {
    return seriesOfAnswer(answerQuery(query, [early, late], { lookbackMs: 20_000, ...options })).map(
      ({ labels, timestamps }) => [Object.fromEntries(labels), [...timestamps]],
    );
  }

  test.each(['rate({job="1"}[20s])', 'sum_over_time({job="1"}[20s])', 'count(increase({job="1"}[20s]))'])(
    'are refused by a range function over a range, but not at any single step: %s',
    (query) => {
      expect(() => answerOf(query, asked)).toThrow('vector cannot contain metrics with the same labelset');
      for (const startMs of [1_000, 38_000, 75_000]) {
        expect(() => answerOf(query, { startMs })).not.toThrow();
      }
    },
  );

  test.each(['abs({job="1"})', '-{job="1"}', '{job="1"} * 2', 'sum_over_time({job="1"}[20s]) or abs({job="1"})'])(
    'become one series where names are removed at the end, whichever expression made them: %s',
    (query) => {
      expect(answerOf(query, { ...asked, delaysNameRemoval: true })).toEqual([[{ job: '1' }, [1_000, 38_000]]]);
    },
  );

  test.each(['abs({job="1"})', '-{job="1"}', '{job="1"} * 2', '{job="1"} > bool 0'])(
    'become one series in an expression without a range: %s',
    (query) => {
      expect(answerOf(query, { ...asked })).toEqual([[{ job: '1' }, [1_000, 38_000]]]);
    },
  );

  test.each(['last_over_time({job="1"}[20s])', 'absent_over_time({job="1"}[20s])'])(
    'do not matter to a range function that keeps the name or the series: %s',
    (query) => {
      expect(() => answerOf(query, asked)).not.toThrow();
    },
  );

  test('are refused by an instant query where both have a value', () => {
    const query = 'sum_over_time({job="1"}[1m])';
    expect(() => answerOf(query, { startMs: 37_001 })).toThrow('vector cannot contain metrics with the same labelset');
  });

  test('become one series at the end of a range function, where names are removed at the end', () => {
    const query = 'sum_over_time({job="1"}[20s])';
    expect(answerOf(query, { ...asked, delaysNameRemoval: true })).toEqual([[{ job: '1' }, [1_000, 38_000]]]);
  });
});
