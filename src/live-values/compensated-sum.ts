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
