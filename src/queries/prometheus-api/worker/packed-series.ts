import type { PortableSeries } from './portable-series.js';

/**
 * Several series without their samples, and the samples of all of them in one array, which can be transferred to another thread
 * without copying.
 */
export interface PackedSeries {
  readonly series: readonly (Omit<PortableSeries, 'timestamps' | 'values'> & { readonly count: number })[];
  /** For each series in their order: a free place, its timestamps, another free place, and its values. */
  readonly samples: Float64Array<ArrayBuffer>;
}

const COPIED_BY_NUMBER = 16;

/** Copies the samples of several series into one array. */
export function packSeries(series: readonly PortableSeries[]): PackedSeries {
  const count = series.reduce((sum, { values }) => sum + values.length, 0);
  const samples = new Float64Array(2 * (count + series.length));
  let offset = 0;
  return {
    series: series.map(({ timestamps, values, ...rest }) => {
      copy(timestamps, samples, offset + 1);
      copy(values, samples, offset + values.length + 2);
      offset += 2 * (values.length + 1);
      return { ...rest, count: values.length };
    }),
    samples,
  };
}

/** Copies an array. Calling `set` costs more than copying a few numbers, and most series of a large query have few. */
function copy(from: Float64Array, to: Float64Array, offset: number): void {
  if (from.length > COPIED_BY_NUMBER) to.set(from, offset);
  else for (let index = 0; index < from.length; index++) to[offset + index] = from[index]!;
}

/** Restores the series, with views of the array as their samples. */
export function unpackSeries({ series, samples }: PackedSeries): PortableSeries[] {
  let offset = 0;
  return series.map(({ count, ...rest }) => {
    const middle = offset + count + 1;
    const end = middle + count + 1;
    const timestamps = samples.subarray(offset + 1, middle);
    const values = samples.subarray(middle + 1, end);
    offset = end;
    return { ...rest, timestamps, values, hasFreePlace: true };
  });
}
