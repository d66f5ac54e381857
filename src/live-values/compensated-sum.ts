/**
 * A sum kept as two doubles, high and low, so that the order of its terms, a restart or a compaction cannot show: doubles alone
 * do not add up the same in every order, and a counter that steps back by one rounding error is a reset to Prometheus,
 * which then counts the whole value again.
 *
 * NaN is a stale marker and no term: it leaves the sum as it is.
 *
 * Sums live side by side in two arrays; `index` names one of them.
 * Source: Knuth's TwoSum, as in Shewchuk, Adaptive Precision Floating-Point Arithmetic (1997).
 */
export function addCompensated(highs: Float64Array, lows: Float64Array, index: number, value: number): void {
  const high = highs[index]!;
  const sum = high + value;
  if (!Number.isFinite(sum)) {
    if (Number.isNaN(value)) return;
    // Past the range of a double there is nothing left to compensate, and infinity minus infinity would be NaN.
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
