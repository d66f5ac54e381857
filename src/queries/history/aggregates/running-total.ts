import { addCompensated } from '../../../live-values/compensated-sum.js';

/** What a gauge that takes changes holds after each of its samples, in time order. */
export class RunningTotal {
  private readonly high = new Float64Array(1);
  private readonly low = new Float64Array(1);

  /** @param before what it held before the first sample to come */
  constructor(before: number | undefined) {
    this.high[0] = before ?? 0;
  }

  add(_at: number, change: number): number {
    addCompensated(this.high, this.low, 0, change);
    return this.high[0]!;
  }
}
