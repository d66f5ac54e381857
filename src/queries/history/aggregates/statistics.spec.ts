import fc from 'fast-check';
import { metricOf, seriesOf } from '../../../../test/support/history-fixtures.js';
import { Turns } from '../../../scheduling/turns.js';
import { type BucketAggregate, createBucketValues } from './create-bucket-values.js';

const values = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 50 });

function create(aggregates: BucketAggregate[]) {
  const rules = { buckets: 2, secondsOf: () => 60, isCounter: false, seriesCount: 9, distinctLabel: 'half' };
  return createBucketValues(aggregates, rules);
}

describe('the aggregates of a bucket', () => {
  it('compute the deviation of the population, also of values that are large and close together', async () => {
    await fc.assert(
      fc.asyncProperty(values, fc.constantFrom(0, 1e9), async (given, offset) => {
        const [deviation] = create(['stddev']);
        for (const value of given) deviation!.add(0, value + offset, 0);
        const shifted = given.map((value) => value + offset);
        const mean = shifted.reduce((sum, value) => sum + (value - offset), 0) / given.length + offset;
        const expected = Math.sqrt(shifted.reduce((sum, value) => sum + (value - mean) ** 2, 0) / given.length);
        expect(Math.abs((await deviation!.pointOf(0, new Turns()))! - expected)).toBeLessThan(1e-3);
        expect(await deviation!.pointOf(1, new Turns())).toBeNull();
      }),
    );
  });

  it('find the earliest value, and of several at one time the one that comes first', async () => {
    const [first] = create(['first']);
    for (const [value, at] of [
      [1, 50],
      [2, 40],
      [3, 40],
      [4, 60],
    ]) {
      first!.add(0, value!, at!);
    }
    expect(await first!.pointOf(0, new Turns())).toBe(2);
    expect(await first!.pointOf(1, new Turns())).toBeNull();
  });

  it('share the values of several percentiles, and give each its own', async () => {
    const percentiles = create(['median', 'p90', 'p50']);
    for (const value of [5, 1, 4, 2, 3]) for (const each of percentiles) each.add(0, value, 0);
    const points = [];
    for (const each of percentiles) points.push(await each.pointOf(0, new Turns()));
    expect(points).toEqual([3, expect.closeTo(4.6, 12), 3]);
  });

  it('count the values of a label, not the series and samples that have them', async () => {
    const series = seriesOf(
      metricOf('counter'),
      Array.from({ length: 9 }, () => 'delta' as const),
    );
    const [distinct] = create(['distinct']);
    for (const each of series) {
      distinct!.begin?.(each);
      for (let sample = 0; sample < 3; sample++) distinct!.add(0, 1, sample);
    }
    distinct!.begin?.(series[1]!);
    distinct!.add(1, 1, 0);
    expect([await distinct!.pointOf(0, new Turns()), await distinct!.pointOf(1, new Turns())]).toEqual([2, 1]);
  });
});
