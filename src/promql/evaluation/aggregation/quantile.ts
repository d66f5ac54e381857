/**
 * Returns a quantile of the values, with linear interpolation between the two nearest ranks. NaN counts as the smallest value.
 * Without values, the result is NaN; for a `q` outside 0 to 1, it is infinite.
 *
 * @param values the values, which are sorted in place
 */
export function quantile(q: number, values: Float64Array): number {
  if (values.length === 0 || Number.isNaN(q)) {
    return NaN;
  }
  if (q < 0) {
    return -Infinity;
  }
  if (q > 1) {
    return Infinity;
  }
  sortNaNFirst(values);
  const rank = q * (values.length - 1);
  const lower = Math.max(0, Math.floor(rank));
  const upper = Math.min(values.length - 1, lower + 1);
  const weight = rank - Math.floor(rank);
  return values[lower]! * (1 - weight) + values[upper]! * weight;
}

/** Sorts the values with NaN first. Typed arrays sort NaN last. */
function sortNaNFirst(values: Float64Array): void {
  values.sort();
  let numbers = values.length;
  while (numbers > 0 && Number.isNaN(values[numbers - 1]!)) {
    numbers--;
  }
  if (numbers < values.length) {
    values.copyWithin(values.length - numbers, 0, numbers);
    values.fill(NaN, 0, values.length - numbers);
  }
}

export function isQuantile(q: number): boolean {
  return q >= 0 && q <= 1;
}
