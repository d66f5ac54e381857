import { endOfHold, zeroBeforeMs } from './point-runs.js';
import type { SelectedSeries } from './series-source.js';

/** Finds the value of one series that an instant selector sees at each of several times, which must not decrease. */
export interface InstantSamples {
  /**
   * Moves to a time.
   *
   * @returns whether the series has a value at that time
   */
  moveTo(timeMs: number): boolean;
  readonly value: number;
  /** The time of the push (held view) or of the sample. */
  readonly sampleTimeMs: number;
}

export interface InstantOptions {
  /** The time for which a sample counts as current if the samples are points. */
  readonly lookbackMs: number;
  /** The current time. After this time, a held value continues only for the lookback period, as the last sample of a series does. */
  readonly nowMs: number;
}

export function instantSamples(series: SelectedSeries, { lookbackMs, nowMs }: InstantOptions): InstantSamples {
  return series.held === null ? new LatestSample(series, lookbackMs) : new HeldValue(series, nowMs + lookbackMs);
}

/** Finds the newest sample in `(t - lookback, t]`. If that sample is a stale marker, there is no value. */
class LatestSample implements InstantSamples {
  value = NaN;
  sampleTimeMs = 0;
  private next = 0;

  constructor(
    private readonly series: SelectedSeries,
    private readonly lookbackMs: number,
  ) {}

  moveTo(timeMs: number): boolean {
    const { timestamps, values, stale } = this.series;
    while (this.next < timestamps.length && timestamps[this.next]! <= timeMs) {
      this.next++;
    }
    const latest = this.next - 1;
    if (latest < 0 || timestamps[latest]! <= timeMs - this.lookbackMs || stale?.[latest] === 1) {
      return false;
    }
    this.value = values[latest]!;
    this.sampleTimeMs = timestamps[latest]!;
    return true;
  }
}

/** Finds the value of the newest push until that value ends, and the 0 of a new counter before its first push. */
class HeldValue implements InstantSamples {
  value = NaN;
  sampleTimeMs = 0;
  private next = 0;

  constructor(
    private readonly series: SelectedSeries,
    private readonly untilMs: number,
  ) {}

  moveTo(timeMs: number): boolean {
    const { timestamps, values, stale } = this.series;
    while (this.next < timestamps.length && timestamps[this.next]! <= timeMs) {
      this.next++;
    }
    const latest = this.next - 1;
    if (latest < 0) {
      return this.isBeforeFirst(timeMs);
    }
    const isOver = timeMs >= endOfHold(this.series, latest) || timeMs > Math.max(this.untilMs, timestamps[latest]!);
    if (stale?.[latest] === 1 || isOver) {
      return false;
    }
    this.value = values[latest]!;
    this.sampleTimeMs = timestamps[latest]!;
    return true;
  }

  private isBeforeFirst(timeMs: number): boolean {
    const { series } = this;
    if (series.held?.startsFromZero !== true || series.timestamps.length === 0 || timeMs < zeroBeforeMs(series)) {
      return false;
    }
    this.value = 0;
    this.sampleTimeMs = zeroBeforeMs(series);
    return true;
  }
}
