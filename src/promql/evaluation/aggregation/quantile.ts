/**
 * Returns a quantile of the values, with linear interpolation between the two nearest ranks. NaN counts as the smallest value.
 * Without values, the result is NaN; for a `q` outside 0 to 1, it is infinite.
 *
 * @param values the values, which are sorted in place
 */
export function quantile(q: number, values: Float64Array): number {
  // Typed arrays sort NaN last.
  values.sort();
  let numbers = values.length;
  while (numbers > 0 && Number.isNaN(values[numbers - 1]!)) {
    numbers--;
  }
  return quantileOfSorted(q, values, numbers, values.length);
}

/**
 * Returns a quantile of values that are sorted already, as `quantile` does.
 *
 * @param sorted the values that are not NaN, in their order; the rest of the array is not read
 * @param numbers the number of these values
 * @param count the number of all values, with those that are NaN
 */
export function quantileOfSorted(q: number, sorted: Float64Array, numbers: number, count: number): number {
  if (count === 0 || Number.isNaN(q)) {
    return NaN;
  }
  if (q < 0) {
    return -Infinity;
  }
  if (q > 1) {
    return Infinity;
  }
  const rank = q * (count - 1);
  const lower = Math.max(0, Math.floor(rank));
  const upper = Math.min(count - 1, lower + 1);
  const weight = rank - Math.floor(rank);
  const nans = count - numbers;
  const lowerValue = lower < nans ? NaN : sorted[lower - nans]!;
  const upperValue = upper < nans ? NaN : sorted[upper - nans]!;
  return lowerValue * (1 - weight) + upperValue * weight;
}

export function isQuantile(q: number): boolean {
  return q >= 0 && q <= 1;
}
