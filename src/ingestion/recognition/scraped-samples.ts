import type { Series } from '../../catalog/series/series.js';

const INITIAL_SAMPLES = 512;

/** Samples of remote write whose series were recognised, as columns. */
export interface ScrapedColumns {
  readonly series: readonly Series[];
  /** The values. NaN is a stale marker. */
  readonly values: Float64Array;
  /** The times in milliseconds since the epoch. */
  readonly timestamps: Float64Array;
  /** The times at which the counters began at zero, 0 where this is unknown; null if it is unknown for all of them. */
  readonly startedAt: Float64Array | null;
}

/** Collects samples of remote write as columns. */
export class ScrapedSamples {
  private series: Series[] = [];
  private values = new Float64Array(INITIAL_SAMPLES);
  private timestamps = new Float64Array(INITIAL_SAMPLES);
  private startedAt: Float64Array<ArrayBuffer> | undefined;

  get length(): number {
    return this.series.length;
  }

  /** @param startedAt the time at which a counter began at zero, or 0 if it is unknown */
  add(series: Series, value: number, timestamp: number, startedAt: number): void {
    const index = this.series.length;
    if (index === this.values.length) this.grow();
    this.series.push(series);
    this.values[index] = value;
    this.timestamps[index] = timestamp;
    if (startedAt !== 0) this.startedAt ??= new Float64Array(this.values.length);
    if (this.startedAt !== undefined) this.startedAt[index] = startedAt;
  }

  /** Drops the samples after the first `length` ones. */
  cutTo(length: number): void {
    this.series.length = length;
  }

  /**
   * Returns the samples in parts of at most `maxSamples`. No samples may be added afterwards, because the parts share their
   * memory with this object.
   */
  *parts(maxSamples: number): Generator<ScrapedColumns> {
    for (let start = 0; start < this.length; start += maxSamples) {
      const end = Math.min(start + maxSamples, this.length);
      yield {
        series: start === 0 && end === this.length ? this.series : this.series.slice(start, end),
        values: this.values.subarray(start, end),
        timestamps: this.timestamps.subarray(start, end),
        startedAt: this.startedAt?.subarray(start, end) ?? null,
      };
    }
  }

  private grow(): void {
    this.values = grown(this.values);
    this.timestamps = grown(this.timestamps);
    if (this.startedAt !== undefined) this.startedAt = grown(this.startedAt);
  }
}

function grown(column: Float64Array): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(column.length * 2);
  larger.set(column);
  return larger;
}
