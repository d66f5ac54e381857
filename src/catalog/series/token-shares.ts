/** Counts the series that each token has created, and their memory. */
export class TokenShares {
  private readonly seriesCounts = new Map<number, number>();
  private readonly byteCounts = new Map<number, number>();

  seriesCountOf(tokenId: number): number {
    return this.seriesCounts.get(tokenId) ?? 0;
  }

  /**
   * Returns the memory of the series that a token has created, and of the metrics whose first series it has created, in bytes.
   */
  bytesOf(tokenId: number): number {
    return this.byteCounts.get(tokenId) ?? 0;
  }

  /**
   * Adds to the counts of a token, or subtracts from them.
   *
   * @param tokenId null for series without a token, which are not counted
   */
  add(tokenId: number | null, series: number, bytes: number): void {
    if (tokenId === null) return;
    addTo(this.seriesCounts, tokenId, series);
    addTo(this.byteCounts, tokenId, bytes);
  }
}

function addTo(sums: Map<number, number>, key: number, change: number): void {
  const sum = (sums.get(key) ?? 0) + change;
  if (sum === 0) sums.delete(key);
  else sums.set(key, sum);
}
