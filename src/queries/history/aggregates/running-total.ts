import { CompensatedSum } from '../../../live-values/compensated-sum.js';

/** What a gauge that takes changes holds after each of its samples, in time order. */
export class RunningTotal {
  private readonly sum: CompensatedSum;

  /** @param before what it held before the first sample to come */
  constructor(before: number | undefined) {
    this.sum = new CompensatedSum(before);
  }

  add(_at: number, change: number): number {
    this.sum.add(change);
    return this.sum.high;
  }
}
