import type { PortableSeries } from './portable-series.js';

/**
 * Some series without their samples, and the samples of all of them in one array that is transferred to another thread without a
 * copy.
 */
export interface PackedSeries {
  readonly series: readonly (Omit<PortableSeries, 'timestamps' | 'values'> & { readonly count: number })[];
  /** The timestamps and then the values of each series, in the order of the series. */
  readonly samples: Float64Array<ArrayBuffer>;
}

/** Copies the samples of some series into one array. */
export function packSeries(series: readonly PortableSeries[]): PackedSeries {
  const count = series.reduce((sum, { values }) => sum + values.length, 0);
  const samples = new Float64Array(2 * count);
  let offset = 0;
  return {
    series: series.map(({ timestamps, values, ...rest }) => {
      samples.set(timestamps, offset);
      samples.set(values, offset + values.length);
      offset += 2 * values.length;
      return { ...rest, count: values.length };
    }),
    samples,
  };
}

/** Restores the series, with views of the array as their samples. */
export function unpackSeries({ series, samples }: PackedSeries): PortableSeries[] {
  let offset = 0;
  return series.map(({ count, ...rest }) => {
    const middle = offset + count;
    const end = middle + count;
    const timestamps = samples.subarray(offset, middle);
    const values = samples.subarray(middle, end);
    offset = end;
    return { ...rest, timestamps, values };
  });
}
