import { answerQuery, minuteSeries, seriesOfAnswer } from '../../../test/support/promql-query.js';
import type { PlanOptions } from './series/plan.js';

const SERIES = minuteSeries({ a_total: [1, 2, 4, 8], b_total: [1, 1, 1, 1] });
const RANGE: Partial<PlanOptions> = { kind: 'range', startMs: 60_000, endMs: 180_000, stepMs: 60_000 };

function resultOf(query: string, options: Partial<PlanOptions>): Record<string, number[]> {
  const series = seriesOfAnswer(answerQuery(query, SERIES, options));
  return Object.fromEntries(series.map(({ labels, values }) => [labels.get('__name__') ?? '', [...values]]));
}

test('a name goes as soon as it no longer fits', () => {
  expect(resultOf('a_total > 3 or a_total * 10', RANGE)).toEqual({ '': [20], a_total: [4, 8] });
});

test('two series that only the name told apart are an error', () => {
  const query = 'count(rate({__name__=~"a_total|b_total"}[2m]))';
  expect(() => answerQuery(query, SERIES, RANGE)).toThrow('vector cannot contain metrics with the same labelset');
});

test('names may go at the end of the query instead', () => {
  const query = 'count(rate({__name__=~"a_total|b_total"}[2m]))';
  expect(resultOf(query, { ...RANGE, delaysNameRemoval: true })).toEqual({ '': [2, 2, 2] });
});
