import { Inject, Injectable } from '@nestjs/common';
import type { Series } from '../../../catalog/series/series.js';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../../custom-metrics.options.js';
import { BadDataError } from '../../../http/answers/errors.js';
import { TooManySamplesError } from '../../../sample-store/reading/read-samples.js';
import { ActiveSeries } from '../../selection/active-series.js';
import { ReadLimiter } from '../read-limiter.js';
import type { TimeRange } from '../time-range.js';

/** Leaves out series without samples in the range of a request. */
@Injectable()
export class SeriesInRange {
  constructor(
    private readonly active: ActiveSeries,
    private readonly limiter: ReadLimiter,
    @Inject(CUSTOM_METRICS_OPTIONS) private readonly options: CustomMetricsOptions,
  ) {}

  /**
   * Returns the series that have samples in a range, in any order.
   *
   * @throws BadDataError if too many samples would have to be read to find these series
   */
  async filter(
    series: readonly Series[],
    range: TimeRange,
    signal: AbortSignal | undefined,
  ): Promise<ReadonlySet<Series>> {
    const { maxSamples } = this.options.history;
    try {
      return await this.active.find(series, range, {
        maxSamples,
        signal,
        read: (task) => this.limiter.read(task),
      });
    } catch (error) {
      if (error instanceof TooManySamplesError) throw tooMany(maxSamples);
      throw error;
    }
  }
}

function tooMany(maxSamples: number): BadDataError {
  return new BadDataError([
    {
      path: '/query/from',
      message:
        `Finding the series with samples in the range takes reading more than ${maxSamples} samples, the limit (HISTORY_MAX_SAMPLES). ` +
        'Ask for one metric, choose fewer series with label=name=value, end the range later, or leave out `from` and `to`.',
    },
  ]);
}
