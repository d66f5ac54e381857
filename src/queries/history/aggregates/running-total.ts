import { CompensatedSum } from '../../../live-values/compensated-sum.js';

/** Computes the value of a gauge whose samples are changes, after each of its samples in time order. */
export class RunningTotal {
  private readonly sum: CompensatedSum;

  /** @param before the value before the first sample, if it is known */
  constructor(before: number | undefined) {
    this.sum = new CompensatedSum(before);
  }

  add(_at: number, change: number): number {
    this.sum.add(change);
    return this.sum.high;
  }
}
