import type { SeriesKind } from '../../../catalog/series/series-kind.js';

/** The samples of one series as they are stored, in a form that can be sent to another thread. */
export interface PortableSeries {
  readonly name: string;
  readonly labelsText: string;
  readonly kind: SeriesKind;
  readonly isGauge: boolean;
  /** Milliseconds since the epoch, in order. */
  readonly timestamps: Float64Array;
  readonly values: Float64Array;
  /** The value before the range, if it was read: the total of a delta counter, otherwise the newest older value. */
  readonly valueBefore: number | undefined;
  /** Milliseconds since the epoch; undefined for a total, which has no time. */
  readonly atBefore: number | undefined;
  /** The last sample before the range was a stale marker: the total continues with the next sample, and is hidden until then. */
  readonly isStaleBefore: boolean;
}
