import fc from 'fast-check';
import { type InstrumentDefinition, PendingValues } from './pending-values.js';

const LIMITS = {
  maxLabels: 32,
  metricNameMaxLength: 200,
  nameValidation: 'legacy' as const,
  labelValueMaxLength: 1_000,
  histogramMaxBuckets: 500,
};

function definition(kind: InstrumentDefinition['kind'], bounds: readonly number[] = []): InstrumentDefinition {
  return { kind, name: `a_${kind}`, bounds };
}

describe('values between two commits', () => {
  it('adds up what a counter got, by its labels in any order', () => {
    const values = new PendingValues(10, LIMITS);
    const counter = definition('counter');
    values.take(counter, 1, { a: 'x', b: 1 });
    values.take(counter, 2.5, { b: 1, a: 'x' });
    values.take(counter, 4, { a: 'x', b: null });
    expect(values.collect().samples).toMatchObject([
      { name: 'a_counter', type: 'counter', temporality: 'delta', labels: { a: 'x', b: 1 }, value: 3.5 },
      { labels: { a: 'x' }, value: 4 },
    ]);
    expect(values.collect()).toEqual({ samples: [], histograms: [] });
  });

  it('keeps the newest value of a gauge, and changes it from there also after a commit', () => {
    const values = new PendingValues(10, LIMITS);
    const gauge = definition('gauge');
    values.take(gauge, 7, {});
    values.take(gauge, 5, {});
    expect(values.collect().samples).toMatchObject([{ type: 'gauge', value: 5 }]);
    values.take(gauge, -2, {}, true);
    expect(values.collect().samples).toMatchObject([{ type: 'gauge', value: 3 }]);
  });

  it('counts every value of a histogram once, in the bucket that it belongs to', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 20, noNaN: true })), (observed) => {
        const values = new PendingValues(1, LIMITS);
        const histogram = definition('histogram', [1, 5]);
        for (const value of observed) values.take(histogram, value, {});
        const [result] = values.collect().histograms;
        if (observed.length === 0) return expect(result).toBeUndefined();
        const upTo = (bound: number) => observed.filter((value) => value <= bound).length;
        return expect(result).toMatchObject({
          count: observed.length,
          buckets: [
            { bound: 1, count: upTo(1) },
            { bound: 5, count: upTo(5) },
            { bound: Infinity, count: observed.length },
          ],
        });
      }),
    );
  });

  it.each([
    ['counter', -1],
    ['counter', NaN],
    ['gauge', Infinity],
    ['histogram', -0.1],
    ['counter', '1' as unknown as number],
  ] as const)('drops what a %s can not have: %s', (kind, value) => {
    const values = new PendingValues(10, LIMITS);
    expect(values.take(definition(kind, [1]), value, {})).toBe('invalid_value');
    expect(values.size).toBe(0);
  });

  it('stores nothing of a gauge whose first change makes it too large', () => {
    const values = new PendingValues(10, LIMITS);
    const gauge = definition('gauge');
    values.take(gauge, Number.MAX_VALUE, {});
    values.collect();
    expect(values.take(gauge, Number.MAX_VALUE, {}, true)).toBe('invalid_value');
    expect(values.collect().samples).toEqual([]);
  });

  it('has room for a limited number of series, and for others after a commit', () => {
    const values = new PendingValues(2, LIMITS);
    const counter = definition('counter');
    const results = ['a', 'b', 'c', 'a'].map((id) => values.take(counter, 1, { id }));
    expect(results).toEqual([undefined, undefined, 'too_many_series', undefined]);
    values.collect();
    expect(values.take(counter, 1, { id: 'c' })).toBeUndefined();
  });

  it('remembers no more gauges than it may', () => {
    const values = new PendingValues(2, LIMITS);
    for (const id of ['a', 'b', 'c']) {
      values.take(definition('gauge'), 1, { id });
      values.collect();
    }
    expect(values.take(definition('gauge'), 1, { id: 'd' })).toBe('too_many_series');
    expect(values.take(definition('gauge'), 1, { id: 'a' })).toBeUndefined();
  });

  it('keeps a bounded number of bytes, of which gauges are kept for ever', () => {
    const values = new PendingValues(1_000, LIMITS);
    const labelsOf = (index: number) =>
      Object.fromEntries(Array.from({ length: 32 }, (_, label) => [`label_${label}`, `${index}_`.padEnd(1_000, 'x')]));
    const takenOf = (kind: InstrumentDefinition['kind'], first: number) =>
      Array.from({ length: 100 }, (_, index) => values.take(definition(kind), 1, labelsOf(first + index))).filter(
        (reason) => reason === undefined,
      ).length;
    expect(takenOf('gauge', 0)).toBeLessThan(40);
    values.collect();
    expect(takenOf('gauge', 1_000)).toBeLessThan(5);
    expect(takenOf('counter', 2_000)).toBeGreaterThan(20);
  });
});
