import type { SeriesKind } from '../../../catalog/series/series-kind.js';

/** The samples of one series as they are stored, in a form that can be sent to another thread. */
export interface PortableSeries {
  readonly name: string;
  readonly labelsText: string;
  readonly kind: SeriesKind;
  readonly isGauge: boolean;
  /** True if values do not hold after their samples; see Series.isScraped. */
  readonly isScraped: boolean;
  /** The times in milliseconds since the epoch, in ascending order. */
  readonly timestamps: Float64Array;
  readonly values: Float64Array;
  /** The value before the range, if it was read: the total of a delta series, or the last older value of any other series. */
  readonly valueBefore: number | undefined;
  /** The time of that value in milliseconds since the epoch; undefined for a total, which has no time. */
  readonly atBefore: number | undefined;
  /**
   * True if the last sample before the range was a stale marker. In this case, a total is hidden until the next sample, which
   * adds to the hidden value.
   */
  readonly isStaleBefore: boolean;
  /**
   * True if nobody else needs `timestamps` and `values`, nor the place before each of them in its buffer. The view of a selector is then
   * computed in these arrays, because new ones for each of many series would cost more than the computation.
   */
  readonly hasFreePlace?: boolean | undefined;
}

/** Orders series by their labels, so that the same query always gives the same answer, even for `topk` with equal values. */
export function byLabels(
  a: Pick<PortableSeries, 'name' | 'labelsText'>,
  b: Pick<PortableSeries, 'name' | 'labelsText'>,
): number {
  if (a.name !== b.name) return a.name < b.name ? -1 : 1;
  return a.labelsText < b.labelsText ? -1 : 1;
}
