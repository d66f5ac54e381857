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

/**
 * Adds values one after the other, as {@link addCompensated} does, and keeps the sum in local variables meanwhile.
 *
 * @param totals gets the sum after each value, rounded to a double, at the index of the value. It may be `values` itself. At the
 * index of a NaN it is left unchanged.
 */
export function addAllCompensated(
  highs: Float64Array,
  lows: Float64Array,
  index: number,
  values: Float64Array,
  from: number,
  to: number,
  totals?: Float64Array,
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
    } else if (Number.isNaN(value)) {
      continue;
    } else {
      high = sum;
      low = 0;
    }
    if (totals !== undefined) totals[place] = high;
  }
  highs[index] = high;
  lows[index] = low;
}

/**
 * Replaces terms by their running sums, as {@link addAllCompensated} computes them. NaN stays where it is.
 *
 * @param start the sum before the first term
 */
export function sumUp(terms: Float64Array, from: number, to: number, start: number): void {
  running.reset(start);
  running.addAll(terms, from, to, terms);
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

  /** Adds some values of an array. The sum after each is written to `totals`, as {@link addAllCompensated} does. */
  addAll(values: Float64Array, from: number, to: number, totals?: Float64Array): void {
    addAllCompensated(this.highs, this.lows, 0, values, from, to, totals);
  }

  /** Sets the sum to a value, so that a loop over many sums needs only one object. */
  reset(start = 0): void {
    this.highs[0] = start;
    this.lows[0] = 0;
  }
}

/**
 * The sum that {@link sumUp} uses. It is shared, because `sumUp` is called for a hundred thousand series and would otherwise
 * create two arrays for each of them.
 */
const running = new CompensatedSum();
