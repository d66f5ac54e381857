import type { Series } from '../../catalog/series/series.js';
import type { IncomingSample } from '../incoming-sample.js';

/**
 * Finds the samples of running totals that begin a new sequence: their sender says that it started after the series' last
 * sample. It counted from zero then, so that 8 after 5 is an increase of 8 and not of 3, which no one can tell from the values.
 *
 * A series without a sample begins with its first value, as it does without start times. Late samples, and those of senders that
 * share a series, begin nothing: their start lies before the last sample.
 */
export class CounterStarts {
  /** What the batch itself has said so far; empty while no sample says when it started. */
  private readonly newestInBatch = new Map<Series, number>();

  /**
   * @param newestAtOf the time of a series' newest stored sample, NaN without one
   * @param oldest no sample before this time is kept
   */
  constructor(
    private readonly newestAtOf: (series: Series) => number,
    private readonly oldest: number,
  ) {}

  /**
   * Takes the next sample of the batch.
   *
   * @returns when its sequence began, if it is a new one: the series was zero then
   */
  startOf(series: Series, { startedAt, timestamp, isStale }: IncomingSample): number | undefined {
    if (series.kind !== 'cumulative' || typeof startedAt !== 'number' || typeof timestamp !== 'number')
      return undefined;
    const newest = this.newestInBatch.get(series) ?? this.newestAtOf(series);
    this.newestInBatch.set(series, Math.max(timestamp, Number.isNaN(newest) ? timestamp : newest));
    const isNew = startedAt > newest && startedAt < timestamp && startedAt >= this.oldest;
    return isNew && isStale !== true ? Math.floor(startedAt) : undefined;
  }
}
