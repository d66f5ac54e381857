import fc from 'fast-check';
import { groupBySeries, onlySeries } from './grouped-samples.js';

const sample = fc.record({
  // The ids are either close together, or too far apart for the array of places.
  id: fc.oneof(fc.integer({ min: 1, max: 5 }), fc.constantFrom(1, 100_000_000)),
  at: fc.integer({ min: 0, max: 6 }),
  value: fc.double({ noNaN: true }),
});
type Sample = { id: number; at: number; value: number };

function loose(samples: readonly Sample[]) {
  return {
    seriesIds: Int32Array.from(samples, ({ id }) => id),
    timestamps: Float64Array.from(samples, ({ at }) => at),
    values: Float64Array.from(samples, ({ value }) => value),
    sources: Uint32Array.from(samples.keys()),
  };
}

function expected(samples: readonly Sample[]) {
  return samples
    .map((each, source) => ({ ...each, source }))
    .toSorted((a, b) => a.id - b.id || a.at - b.at || a.source - b.source);
}

describe('groupBySeries', () => {
  it('sorts by series, then by time, then by the order of arrival', () => {
    fc.assert(
      fc.property(fc.array(sample, { maxLength: 40 }), (samples) => {
        const grouped = groupBySeries(loose(samples));
        const sorted = expected(samples);
        expect([...grouped.timestamps]).toEqual(sorted.map(({ at }) => at));
        expect([...grouped.values]).toEqual(sorted.map(({ value }) => value));
        expect([...grouped.sources]).toEqual(sorted.map(({ source }) => source));
        const ids = [...new Set(sorted.map(({ id }) => id))];
        expect([...grouped.seriesIds]).toEqual(ids);
        expect([...grouped.starts]).toEqual([
          ...ids.map((id) => sorted.findIndex((each) => each.id === id)),
          samples.length,
        ]);
      }),
    );
  });

  it('removes the samples of other series', () => {
    fc.assert(
      fc.property(fc.array(sample, { maxLength: 40 }), fc.func(fc.boolean()), (samples, isKept) => {
        const grouped = groupBySeries(loose(samples));
        const ids = grouped.seriesIds.filter((id) => isKept(id));
        const rest = groupBySeries(loose(samples.filter(({ id }) => isKept(id))));
        const { seriesIds, starts, timestamps, values } = onlySeries(grouped, ids);
        expect({ seriesIds, starts, timestamps, values }).toEqual({
          seriesIds: rest.seriesIds,
          starts: rest.starts,
          timestamps: rest.timestamps,
          values: rest.values,
        });
      }),
    );
  });
});
