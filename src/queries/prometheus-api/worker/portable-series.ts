import type { SeriesKind } from '../../../catalog/series/series.js';

/** The samples of one series as they are stored, in a form that goes to another thread. */
export interface PortableSeries {
  readonly name: string;
  readonly labelsText: string;
  readonly kind: SeriesKind;
  readonly isGauge: boolean;
  /** Milliseconds since the epoch, in order. */
  readonly timestamps: Float64Array;
  readonly values: Float64Array;
  /** What held before the range, if that was read: the total of a delta counter, else the newest older value. */
  readonly valueBefore: number | undefined;
  /** Milliseconds since the epoch; undefined for a total, which has no time. */
  readonly atBefore: number | undefined;
  /** A stale marker came last before the range: the total goes on with the next sample, and is not shown until then. */
  readonly isStaleBefore: boolean;
}
