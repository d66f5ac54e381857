/**
 * The value below which a share of the values lies, between two neighbours by linear interpolation: what PromQL's
 * `quantile`, numpy and PERCENTILE.INC of spreadsheets do.
 *
 * @param sorted ascending, not empty
 * @param share 0 to 1
 */
export function quantile(sorted: Float64Array, share: number): number {
  const rank = share * (sorted.length - 1);
  const below = Math.floor(rank);
  const lower = sorted[below]!;
  if (rank === below) return lower;
  const upper = sorted[below + 1]!;
  // Halves added, not a difference: that of two large values may be more than a double can hold.
  return lower === upper ? lower : lower * (1 - (rank - below)) + upper * (rank - below);
}
