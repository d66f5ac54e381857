import fc from 'fast-check';
import { metricOf, seriesOf } from '../../../../test/support/history-fixtures.js';
import { Turns } from '../../../scheduling/turns.js';
import type { ValueBatch } from './bucket-values.js';
import { type BucketAggregate, createBucketValues } from './create-bucket-values.js';

const values = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 50 });

function create(aggregates: BucketAggregate[]) {
  const rules = { buckets: 2, secondsOf: () => 60, isCounter: false, seriesCount: 9, distinctLabel: 'half' };
  return createBucketValues(aggregates, rules);
}

/** Returns a batch of values in one bucket, one millisecond apart. */
function batchOf(bucket: number, of: readonly number[], firstAt = 0): ValueBatch {
  return {
    count: of.length,
    buckets: new Int32Array(of.length).fill(bucket),
    values: Float64Array.from(of),
    times: Float64Array.from(of, (_, index) => firstAt + index),
  };
}

describe('the aggregates of a bucket', () => {
  it('compute the deviation of the population, also of values that are large and close together', async () => {
    await fc.assert(
      fc.asyncProperty(values, fc.constantFrom(0, 1e9), async (given, offset) => {
        const [deviation] = create(['stddev']);
        const shifted = given.map((value) => value + offset);
        deviation!.add(batchOf(0, shifted));
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
      first!.add(batchOf(0, [value!, 9], at!));
    }
    expect(await first!.pointOf(0, new Turns())).toBe(2);
    expect(await first!.pointOf(1, new Turns())).toBeNull();
  });

  it('keep the buckets of a batch apart', async () => {
    const batch: ValueBatch = {
      count: 5,
      buckets: Int32Array.of(0, 0, 1, 1, 1, 9),
      values: Float64Array.of(1, 2, 3, 5, 4, 9),
      times: Float64Array.of(0, 1, 2, 3, 4, 9),
    };
    const aggregates = ['sum', 'count', 'min', 'max', 'first', 'avg', 'rate'] as const;
    const points = create([...aggregates]).map((each) => {
      each.add(batch);
      return [each.pointOf(0, new Turns()), each.pointOf(1, new Turns())];
    });
    expect(points).toEqual([
      [3, 12],
      [2, 3],
      [1, 3],
      [2, 5],
      [1, 3],
      [1.5, 4],
      [3 / 60, 12 / 60],
    ]);
  });

  it('share the values of several percentiles, and give each its own', async () => {
    const percentiles = create(['median', 'p90', 'p50']);
    for (const each of percentiles) each.add(batchOf(0, [5, 1, 4, 2, 3]));
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
      distinct!.add(batchOf(0, [1, 1, 1]));
    }
    distinct!.begin?.(series[1]!);
    distinct!.add(batchOf(1, [1]));
    expect([await distinct!.pointOf(0, new Turns()), await distinct!.pointOf(1, new Turns())]).toEqual([2, 1]);
  });
});
