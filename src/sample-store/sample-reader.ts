import { Injectable } from '@nestjs/common';
import type { Series } from '../catalog/series.js';
import { addCompensated } from '../exposition/compensated-sum.js';
import { LogRepository } from './log.repository.js';

/** Samples of one series in time order; of equal times, in the order of the log. */
export interface SeriesSamples {
  readonly series: Series;
  /** Milliseconds since the epoch. */
  readonly timestamps: Float64Array;
  readonly values: Float64Array;
  /** What held just before the range: see {@link ValueBefore}. */
  readonly before: ValueBefore;
}

/** The state of a series at the beginning of a range. */
export interface ValueBefore {
  /** Sum of all older deltas of a delta counter, else the newest older value; undefined without an older sample. */
  readonly value: number | undefined;
}

export interface SampleQuery {
  readonly series: readonly Series[];
  /** Inclusive, ms since the epoch. */
  readonly from: number;
  /** Exclusive, ms since the epoch. */
  readonly to: number;
  /** Whether {@link SeriesSamples.before} is needed; it costs reading everything older. */
  readonly needsBefore?: boolean;
  /** Samples in the range after which reading stops. */
  readonly maxSamples: number;
}

/** The query met more samples than it may read. */
export class TooManySamplesError extends Error {
  override readonly name = 'TooManySamplesError';

  constructor(readonly maxSamples: number) {
    super(`More than ${maxSamples} samples match.`);
  }
}

/**
 * Postgres compares arrays by nested loops: 10,000 ids against a row of 10,000 samples took 160 ms, decoding that row
 * takes 3. So only a few ids are looked for there.
 */
const MAX_FILTERED_SERIES = 100;

/** The one reader of samples, for history and for everything that asks it. */
@Injectable()
export class SampleReader {
  constructor(private readonly reader: LogRepository) {}

  /**
   * Reads the samples of some series over a half-open range, from one consistent view.
   *
   * @returns one entry for each series asked for, in the same order, also where it has no samples
   * @throws TooManySamplesError
   */
  async read(query: SampleQuery): Promise<SeriesSamples[]> {
    const columns = new Map(query.series.map((series) => [series.id, new SampleColumn(series, query)]));
    let count = 0;
    await this.reader.withSnapshot(async (snapshot) => {
      const filter = {
        seriesIds: columns.size > MAX_FILTERED_SERIES ? undefined : [...columns.keys()],
        from: query.needsBefore ? undefined : query.from,
        to: query.to,
      };
      for await (const page of snapshot.rows(filter)) {
        for (const { seriesIds, timestamps, values, receivedAt } of page) {
          for (let index = 0; index < seriesIds.length; index++) {
            const column = columns.get(seriesIds[index]!);
            if (column?.add(timestamps === null ? receivedAt : timestamps[index]!, values[index]!)) count++;
          }
          if (count > query.maxSamples) throw new TooManySamplesError(query.maxSamples);
        }
      }
    });
    return [...columns.values()].map((column) => column.toSamples());
  }
}

/** Collects the samples of one series. */
class SampleColumn {
  private readonly timestamps: number[] = [];
  private readonly values: number[] = [];
  private readonly totals = { high: new Float64Array(1), low: new Float64Array(1) };
  private newestBefore = -Infinity;
  private valueBefore: number | undefined;

  constructor(
    private readonly series: Series,
    private readonly range: { readonly from: number; readonly to: number },
  ) {}

  /** @returns whether the sample is in the range */
  add(timestamp: number, value: number): boolean {
    if (timestamp >= this.range.to) return false;
    if (timestamp < this.range.from) {
      this.addBefore(timestamp, value);
      return false;
    }
    this.timestamps.push(timestamp);
    this.values.push(value);
    return true;
  }

  toSamples(): SeriesSamples {
    const order = Array.from(this.timestamps.keys());
    const isSorted = this.timestamps.every(
      (timestamp, index) => index === 0 || timestamp >= this.timestamps[index - 1]!,
    );
    // Array.sort is stable, so samples of one time stay in the order of the log.
    if (!isSorted) order.sort((a, b) => this.timestamps[a]! - this.timestamps[b]!);
    return {
      series: this.series,
      timestamps: Float64Array.from(order, (index) => this.timestamps[index]!),
      values: Float64Array.from(order, (index) => this.values[index]!),
      before: { value: this.valueBefore },
    };
  }

  private addBefore(timestamp: number, value: number): void {
    if (this.series.kind === 'delta') {
      addCompensated(this.totals.high, this.totals.low, 0, value);
      this.valueBefore = this.totals.high[0]!;
    } else if (timestamp >= this.newestBefore) {
      this.newestBefore = timestamp;
      this.valueBefore = value;
    }
  }
}
