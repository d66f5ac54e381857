import type { Series } from '../../catalog/series/series.js';
import type { IncomingSample } from '../incoming-sample.js';

/**
 * Finds the samples of running totals that start a new sequence, because the client reports a start time after the last sample
 * of the series. The client has counted from zero since that time, so 8 after 5 is an increase of 8 and not of 3, which the
 * values alone do not show.
 *
 * A series that has no sample yet starts with its first value, as it does without start times. Late samples, and samples of
 * clients that share a series, do not start a sequence, because their start time is before the last sample.
 */
export class CounterStarts {
  /** The newest times of running totals in the batch itself. The map stays empty until a sample has a start time. */
  private readonly newestInBatch = new Map<Series, number>();

  /**
   * @param newestAtOf returns the time of the newest stored sample of a series, or NaN if it has none
   * @param oldest the time before which samples are not kept
   */
  constructor(
    private readonly newestAtOf: (series: Series) => number,
    private readonly oldest: number,
  ) {}

  /**
   * Processes the next sample of the batch.
   *
   * @returns the start time of a new sequence, at which the series was zero; undefined if the sample does not start one
   */
  startOf(
    series: Series,
    { startedAt, timestamp, isStale }: Pick<IncomingSample, 'startedAt' | 'timestamp' | 'isStale'>,
  ): number | undefined {
    if (series.kind !== 'cumulative' || typeof startedAt !== 'number' || typeof timestamp !== 'number')
      return undefined;
    const newest = this.newestInBatch.get(series) ?? this.newestAtOf(series);
    this.newestInBatch.set(series, Math.max(timestamp, Number.isNaN(newest) ? timestamp : newest));
    const isNew = startedAt > newest && startedAt < timestamp && startedAt >= this.oldest;
    return isNew && isStale !== true ? Math.floor(startedAt) : undefined;
  }
}
