import fc from 'fast-check';
import { metricOf, seriesOf } from '../../../../test/support/history-fixtures.js';
import { largestGroups } from './largest-groups.js';

const series = seriesOf(
  metricOf('counter'),
  Array.from({ length: 30 }, () => 'delta' as const),
);
const groups = series.map((each) => ({ series: [each] }));

describe('largestGroups', () => {
  it('keeps the largest groups in their order, and puts every other series into one', () => {
    const totals = fc.oneof(fc.double(), fc.constantFrom(NaN, Infinity, -Infinity, 0));
    fc.assert(
      fc.property(
        fc.array(totals, { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 1, max: 40 }),
        (values, lines) => {
          const given = groups.slice(0, values.length);
          const { groups: chosen, others } = largestGroups(
            given,
            values.map((value) => [Float64Array.of(value)]),
            lines,
          );
          const rank = (value: number) => (Number.isNaN(value) ? -Infinity : value);
          const ranked = values.map(rank).toSorted((a, b) => (a === b ? 0 : b > a ? 1 : -1));
          const kept = chosen.slice(0, Math.min(lines, values.length));
          expect(kept.map(({ series: [first] }) => rank(values[first!.id - 1]!))).toEqual(ranked.slice(0, kept.length));
          expect(others).toBe(Math.max(values.length - lines, 0));
          const ids = chosen.flatMap((group) => group.series.map(({ id }) => id));
          expect(ids.toSorted((a, b) => a - b)).toEqual(given.map((_, index) => index + 1));
          const rest = chosen.slice(kept.length).flatMap((group) => group.series.map(({ id }) => id));
          expect(rest).toEqual(rest.toSorted((a, b) => a - b));
        },
      ),
    );
  });

  it('keeps or leaves out all buckets of a histogram, and combines those of the others by their bound', () => {
    const buckets = ['a', 'b', 'c', 'd'].flatMap((line) => ['1', '+Inf'].map((part) => ({ line, part })));
    const totals = [
      [1, 2],
      [9, 10],
      [0, 20],
      [3, 4],
    ]
      .flat()
      .map((total) => [Float64Array.of(total)]);
    const { groups: chosen, others, othersFrom } = largestGroups(groups.slice(0, 8), totals, 2, buckets);
    const ids = chosen.map((group) => group.series.map(({ id }) => id));
    expect(ids).toEqual([[5], [6], [3], [4], [1, 7], [2, 8]]);
    expect([others, othersFrom]).toEqual([2, 4]);
  });
});
