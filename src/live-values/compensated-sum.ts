/**
 * Adds a value to a sum that is kept as two doubles, high and low, so that the order of the terms, a restart or a compaction does
 * not change the result. Plain doubles give different sums in different orders, and Prometheus treats even a drop by one rounding
 * error as a reset of the counter, and counts the whole value again.
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
    // A sum outside the range of a double can't be compensated, and infinity minus infinity would be NaN.
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

/** Adds values one after the other, as {@link addCompensated} does, and keeps the sum in local variables meanwhile. */
export function addAllCompensated(
  highs: Float64Array,
  lows: Float64Array,
  index: number,
  values: Float64Array,
  from: number,
  to: number,
): void {
  let high = highs[index]!;
  let low = lows[index]!;
  for (let place = from; place < to; place++) {
    const value = values[place]!;
    const sum = high + value;
    if (Number.isFinite(sum)) {
      const shareOfValue = sum - high;
      const error = high - (sum - shareOfValue) + (value - shareOfValue) + low;
      high = sum + error;
      low = error - (high - sum);
    } else if (!Number.isNaN(value)) {
      high = sum;
      low = 0;
    }
  }
  highs[index] = high;
  lows[index] = low;
}

/**
 * Replaces terms by their running sums, rounded to doubles, as {@link addCompensated} computes them. NaN stays where it is.
 *
 * @param start the sum before the first term
 */
export function sumUp(terms: Float64Array, from: number, to: number, start: number): void {
  let high = start;
  let low = 0;
  for (let index = from; index < to; index++) {
    const value = terms[index]!;
    const sum = high + value;
    if (Number.isFinite(sum)) {
      const shareOfValue = sum - high;
      const error = high - (sum - shareOfValue) + (value - shareOfValue) + low;
      high = sum + error;
      low = error - (high - sum);
    } else if (Number.isNaN(value)) {
      continue;
    } else {
      high = sum;
      low = 0;
    }
    terms[index] = high;
  }
}

/** Keeps a single sum as {@link addCompensated} does. For thousands of sums, two shared arrays take less memory. */
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

  /** The part of the sum that was lost in rounding. */
  get low(): number {
    return this.lows[0]!;
  }

  add(value: number): void {
    addCompensated(this.highs, this.lows, 0, value);
  }

  /** Adds some values of an array. */
  addAll(values: Float64Array, from: number, to: number): void {
    addAllCompensated(this.highs, this.lows, 0, values, from, to);
  }

  /** Sets the sum to 0, so that a loop over many sums needs only one object. */
  reset(): void {
    this.highs[0] = 0;
    this.lows[0] = 0;
  }
}
