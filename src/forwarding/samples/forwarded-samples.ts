import { addCompensated } from '../../live-values/compensated-sum.js';
import type { GroupedSamples } from '../../sample-store/archive/grouped-samples.js';
import type { LogRow } from '../../sample-store/log/log-row.js';
import { Form, type SeriesText } from './series-texts.js';
import { memberOf, type TotalsBucket } from './totals-bucket.js';

/** Samples as they are forwarded, grouped by series and in time order. Times are unique within a series. */
export interface ForwardedSamples {
  readonly texts: readonly SeriesText[];
  /** The samples of `texts[i]` go from `starts[i]` up to, but not including, `starts[i + 1]`. */
  readonly starts: Uint32Array;
  readonly timestamps: Float64Array;
  /** The values. NaN is a stale marker. */
  readonly values: Float64Array;
  /** The number of samples that are left out, because their series were deleted. */
  readonly ofDeletedSeries: number;
}

/** The number of series that are converted in one step. */
const SERIES_PER_STEP = 1_000;

/**
 * Converts the samples of a stretch into the samples that are forwarded.
 *
 * A series that is pushed as changes is forwarded as its running total after each change. Its totals must not fall where the
 * target sorts them by time, so a change that is older than the last forwarded sample is not forwarded as a separate sample: the
 * next total contains it. If there is no next total in this stretch, the current total is sent with the time of arrival. A new
 * counter begins with a 0 one millisecond before its first sample, because `increase()` does not count the first value of a
 * series.
 *
 * The result depends only on the samples and on the totals, so a process that repeats a stretch sends the same samples.
 */
export class SamplesConversion {
  private readonly starts: Uint32Array;
  private readonly texts: SeriesText[] = [];
  private readonly timestamps: Float64Array;
  private readonly values: Float64Array;
  private length = 0;
  private ofDeletedSeries = 0;

  /**
   * @param rows the rows to which the sources of the samples point
   * @param textOf returns a series, or undefined if it was deleted
   * @param totalsOf returns the bucket with the totals of a series; the conversion changes them
   */
  constructor(
    private readonly samples: GroupedSamples,
    private readonly rows: readonly Pick<LogRow, 'receivedAt'>[],
    private readonly textOf: (seriesId: number) => SeriesText | undefined,
    private readonly totalsOf: (seriesId: number) => TotalsBucket,
  ) {
    // A counter may get a 0 before its first sample.
    const most = samples.values.length + samples.seriesIds.length;
    this.timestamps = new Float64Array(most);
    this.values = new Float64Array(most);
    this.starts = new Uint32Array(samples.seriesIds.length + 1);
  }

  /** Converts all samples. The generator yields now and then, so that requests can run. */
  *convert(): Generator<void, ForwardedSamples> {
    const { seriesIds, starts } = this.samples;
    for (let place = 0; place < seriesIds.length; place++) {
      this.convertSeries(seriesIds[place]!, starts[place]!, starts[place + 1]!);
      if (place % SERIES_PER_STEP === SERIES_PER_STEP - 1) yield;
    }
    return {
      texts: this.texts,
      starts: this.starts.subarray(0, this.texts.length + 1),
      timestamps: this.timestamps.subarray(0, this.length),
      values: this.values.subarray(0, this.length),
      ofDeletedSeries: this.ofDeletedSeries,
    };
  }

  private convertSeries(id: number, start: number, end: number): void {
    const text = this.textOf(id);
    if (text === undefined) {
      this.ofDeletedSeries += end - start;
      return;
    }
    if (text.form === Form.AsPushed) this.addAsPushed(start, end);
    else this.addTotals(text.form, this.totalsOf(id), memberOf(id), start, end);
    // A series has nothing to send if its only samples in this stretch are late stale markers.
    if (this.length === this.starts[this.texts.length]) return;
    this.texts.push(text);
    this.starts[this.texts.length] = this.length;
  }

  /** Adds samples as they are. Of several samples at the same time, the last one counts. */
  private addAsPushed(start: number, end: number): void {
    const { timestamps, values } = this.samples;
    for (let index = start; index < end; index++) {
      if (index + 1 < end && timestamps[index + 1] === timestamps[index]) continue;
      this.add(timestamps[index]!, values[index]!);
    }
  }

  private addTotals(
    form: Form,
    { highs, lows, lastAts }: TotalsBucket,
    member: number,
    start: number,
    end: number,
  ): void {
    const { timestamps, values, sources } = this.samples;
    const lastAt = lastAts[member]!;
    const lengthBefore = this.length;
    let index = start;
    let lateArrival = -Infinity;
    for (; index < end && timestamps[index]! <= lastAt; index++) {
      if (Number.isNaN(values[index]!)) continue;
      addCompensated(highs, lows, member, values[index]!);
      lateArrival = Math.max(lateArrival, this.rows[sources[index]!]!.receivedAt);
    }
    if (index === end) {
      if (lateArrival > -Infinity) this.add(Math.max(lateArrival, lastAt + 1), highs[member]!);
    } else if (Number.isNaN(lastAt) && form === Form.CounterTotal) this.add(timestamps[index]! - 1, 0);
    for (; index < end; index++) {
      const value = values[index]!;
      addCompensated(highs, lows, member, value);
      if (index + 1 < end && timestamps[index + 1] === timestamps[index]) continue;
      this.add(timestamps[index]!, Number.isNaN(value) ? NaN : highs[member]!);
    }
    if (this.length > lengthBefore) lastAts[member] = this.timestamps[this.length - 1]!;
  }

  private add(timestamp: number, value: number): void {
    this.timestamps[this.length] = timestamp;
    this.values[this.length] = value;
    this.length++;
  }
}
