import { bucketBoundOf, histogramOf } from './histogram-family.js';
import type { MetricType } from './metric.js';
import { Metric } from '../series/series.js';

describe('bucketBoundOf', () => {
  it.each([
    ['0.5', 0.5],
    ['1e3', 1_000],
    ['-1', -1],
    ['+2', 2],
    ['.25', 0.25],
    ['5.', 5],
    ['+Inf', Infinity],
    ['inf', Infinity],
    ['+Infinity', Infinity],
    ['infinity', Infinity],
  ])('reads %j', (text, bound) => expect(bucketBoundOf(text)).toBe(bound));

  // `Number()` accepts some of these, for example an empty text.
  it.each(['', ' ', ' 1', '0x10', '0b1', '1_000', 'NaN', '-Inf', 'infinit', 'one', '1e', '.'])('refuses %j', (text) =>
    expect(bucketBoundOf(text)).toBeNaN(),
  );
});

describe('histogramOf', () => {
  const types: Record<string, MetricType> = { h: 'histogram', c: 'counter', h_count: 'counter' };
  const catalog = {
    findMetric: (name: string) => {
      const type = types[name];
      return type === undefined ? undefined : new Metric(1, name, type, new Date(0), null, null, null);
    },
  };

  it.each([
    ['h_bucket', 'h'],
    ['h_sum', 'h'],
    ['h_count', 'h'],
    ['h_count_count', undefined],
    ['h_total', undefined],
    ['h', undefined],
    ['c_sum', undefined],
    ['unknown_bucket', undefined],
  ])('%s belongs to %s', (name, expected) => expect(histogramOf(name, catalog)?.name).toBe(expected));
});
