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
});
