import type { Series } from '../../../catalog/series/series.js';
import type { ValueBatch } from './bucket-values.js';

/**
 * Maximum time between the creation of a series and its first sample. If the oldest stored sample is later, it is not the first
 * one, because the retention has deleted older samples.
 */
const FIRST_SAMPLE_MS = 60_000;

/**
 * Computes how much one counter grew with each of its samples, in time order.
 *
 * A delta is the growth itself. For running totals, the growth is the difference from the previous one; a lower total means a
 * restart of the client, which counts from 0 again. A series also begins at 0, so its very first total counts in full. Otherwise
 * the first error of a kind, which deserves an alert, would never be counted.
 */
export class CounterGrowth {
  private previous: number | undefined;

  /** @param before the total that held before the first sample, if there is one */
  constructor(
    private readonly series: Series,
    before: number | undefined,
  ) {
    this.previous = before;
  }

  /**
   * Adds the samples of a batch.
   *
   * @param room the array that receives the result if it differs from the values
   * @returns the growth that each sample adds
   */
  addAll({ values, times, count }: ValueBatch, room: Float64Array): Float64Array {
    if (this.series.kind === 'delta') return values;
    for (let index = 0; index < count; index++) room[index] = this.add(times[index]!, values[index]!);
    return room;
  }

  add(at: number, value: number): number {
    if (this.series.kind === 'delta') return value;
    const { previous } = this;
    this.previous = value;
    if (previous !== undefined) return value >= previous ? value - previous : value;
    return at <= this.series.createdAt.getTime() + FIRST_SAMPLE_MS ? value : 0;
  }
}
