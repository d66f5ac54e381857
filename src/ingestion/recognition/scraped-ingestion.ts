import { Inject, Injectable } from '@nestjs/common';
import type { Series } from '../../catalog/series/series.js';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../custom-metrics.options.js';
import { DatabaseClock } from '../../database/database-clock.js';
import { FUTURE_TOLERANCE_MS } from '../../database/future-tolerance.js';
import { LiveValues } from '../../live-values/live-values.js';
import type { AcceptedSamples } from '../../sample-store/log/commit-group.js';
import { SampleLog } from '../../sample-store/log/sample-log.js';
import { IngestionMetrics } from '../ingestion.metrics.js';
import { oldestKept } from '../sample-time.js';
import type { Sender } from '../sender.js';
import { CounterStarts } from '../series/counter-starts.js';
import type { ScrapedColumns } from './scraped-samples.js';

/** Stores samples of remote write whose series were recognised. */
@Injectable()
export class ScrapedIngestion {
  constructor(
    private readonly liveValues: LiveValues,
    private readonly log: SampleLog,
    private readonly clock: DatabaseClock,
    private readonly metrics: IngestionMetrics,
    @Inject(CUSTOM_METRICS_OPTIONS) private readonly options: CustomMetricsOptions,
  ) {}

  /** The oldest and the newest time that a sample may have, in milliseconds since the epoch. */
  get times(): { readonly oldest: number; readonly newest: number } {
    return { oldest: oldestKept(this.clock, this.options), newest: this.clock.now() + FUTURE_TOLERANCE_MS };
  }

  /**
   * Stores samples. The caller guarantees that their times are within {@link times}, and that values of counters are not
   * infinite.
   *
   * @throws StoreUnavailableError if Postgres can't take the samples now
   */
  async store(samples: ScrapedColumns, sender: Sender): Promise<void> {
    await this.log.append(this.withStarts(samples), undefined, sender.wait);
    this.metrics.countAccepted(samples.series.length, sender.tokenId);
  }

  /** Adds a zero before each sample that starts a new sequence of its counter. */
  private withStarts({ series, values, timestamps, startedAt }: ScrapedColumns): AcceptedSamples {
    if (startedAt === null) return { series, values, timestamps };
    const starts = new CounterStarts((each) => this.liveValues.newestAtOf(each), this.times.oldest);
    const all: Series[] = [];
    const capacity = 2 * series.length;
    const columns = { values: new Float64Array(capacity), timestamps: new Float64Array(capacity) };
    const add = (each: Series, value: number, timestamp: number) => {
      columns.values[all.length] = value;
      columns.timestamps[all.length] = timestamp;
      all.push(each);
    };
    for (let index = 0; index < series.length; index++) {
      const each = series[index]!;
      const value = values[index]!;
      const timestamp = timestamps[index]!;
      const start = starts.startOf(each, {
        startedAt: startedAt[index]! || null,
        timestamp,
        isStale: Number.isNaN(value),
      });
      if (start !== undefined) add(each, 0, start);
      add(each, value, timestamp);
    }
    return {
      series: all,
      values: columns.values.subarray(0, all.length),
      timestamps: columns.timestamps.subarray(0, all.length),
    };
  }
}
