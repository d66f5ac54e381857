import type { Series } from '../../../catalog/series/series.js';

/** The properties of a series that are needed to read its samples. */
export type ReadSeries = Pick<Series, 'id' | 'kind' | 'canOnlyRise'>;

/** Samples of one series in time order. Samples of equal times are in the order of their arrival. */
export interface SeriesSamples<S extends ReadSeries = Series> {
  readonly series: S;
  /** The times in milliseconds since the epoch. */
  readonly timestamps: Float64Array;
  /** The values. NaN is a stale marker, after which the series has no value until the next sample. */
  readonly values: Float64Array;
  /** The value just before the range; see {@link ValueBefore}. */
  readonly before: ValueBefore;
  /** True if nobody else needs the arrays of the samples, nor the place before each of them in its buffer. */
  readonly hasFreePlace?: boolean | undefined;
}

/** The state of a series at the beginning of a range. */
export interface ValueBefore {
  /**
   * The sum of all older deltas for a delta counter, or the newest older value for any other series. The value is undefined if
   * there is no older sample, or if the newest one is a stale marker.
   */
  readonly value: number | undefined;
  /** The time of that newest value in milliseconds since the epoch; undefined for a delta counter, whose sum has no time. */
  readonly at: number | undefined;
}
