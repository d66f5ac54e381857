import { endOfHold, zeroBeforeMs } from './point-runs.js';
import type { SelectedSeries } from './series-source.js';

/** What an instant selector sees of one series as time goes on. Times may only rise. */
export interface InstantSamples {
  /** @returns whether the series has a value at that time */
  moveTo(timeMs: number): boolean;
  readonly value: number;
  /** When that value was pushed (held view) or sampled. */
  readonly sampleTimeMs: number;
}

export interface InstantOptions {
  /** How long a sample counts as current where the series is points. */
  readonly lookbackMs: number;
  /** The clock. A held value goes on for the lookback after it and no longer, as the last sample of a series does. */
  readonly nowMs: number;
}

export function instantSamples(series: SelectedSeries, { lookbackMs, nowMs }: InstantOptions): InstantSamples {
  return series.held === null ? new LatestSample(series, lookbackMs) : new HeldValue(series, nowMs + lookbackMs);
}

/** The newest sample in `(t - lookback, t]`; nothing where that is a stale marker. */
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

/** The value of the newest push, for as long as it holds. */
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
