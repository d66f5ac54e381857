import { CompensatedSum } from '../../../live-values/compensated-sum.js';
import type { ValueBatch } from './bucket-values.js';

/** Computes the value of a gauge whose samples are changes, after each of its samples in time order. */
export class RunningTotal {
  private readonly sum: CompensatedSum;

  /** @param before the value before the first sample, if it is known */
  constructor(before: number | undefined) {
    this.sum = new CompensatedSum(before);
  }

  /**
   * Adds the samples of a batch.
   *
   * @param room the array that receives the result
   * @returns the value of the gauge after each sample
   */
  addAll({ values, count }: ValueBatch, room: Float64Array): Float64Array {
    this.sum.addAll(values, 0, count, room);
    return room;
  }

  add(_at: number, change: number): number {
    this.sum.add(change);
    return this.sum.high;
  }
}
