/**
 * Adds a value to a sum that is kept as two doubles, high and low, so that the order of the terms, a restart or a compaction does
 * not change the result. Plain doubles give different sums in different orders, and Prometheus takes a counter that drops by one
 * rounding error for a reset and counts the whole value again.
 *
 * NaN is a stale marker, not a term: it leaves the sum unchanged.
 *
 * The sums are stored in two parallel arrays; `index` selects one of them.
 * Source: Knuth's TwoSum, as in Shewchuk, Adaptive Precision Floating-Point Arithmetic (1997).
 */
export function addCompensated(highs: Float64Array, lows: Float64Array, index: number, value: number): void {
  const high = highs[index]!;
  const sum = high + value;
  if (!Number.isFinite(sum)) {
    if (Number.isNaN(value)) return;
    // Beyond the range of a double there is nothing left to compensate, and infinity minus infinity would be NaN.
    highs[index] = sum;
    lows[index] = 0;
    return;
  }
  const shareOfValue = sum - high;
  const error = high - (sum - shareOfValue) + (value - shareOfValue) + lows[index]!;
  const normalized = sum + error;
  highs[index] = normalized;
  lows[index] = error - (normalized - sum);
}

/** Keeps one sum as {@link addCompensated} does. Where there are thousands of sums, two arrays for all of them take less memory. */
export class CompensatedSum {
  private readonly highs: Float64Array;
  private readonly lows = new Float64Array(1);

  constructor(start = 0) {
    this.highs = Float64Array.of(start);
  }

  /** The sum, rounded to a double. */
  get high(): number {
    return this.highs[0]!;
  }

  /** The part of the sum that the rounding has cut off. */
  get low(): number {
    return this.lows[0]!;
  }

  add(value: number): void {
    addCompensated(this.highs, this.lows, 0, value);
  }

  /** Makes the sum 0 again, so that a loop over many sums needs only one object. */
  reset(): void {
    this.highs[0] = 0;
    this.lows[0] = 0;
  }
}
