/**
 * A sum of doubles that does not depend on how many small values it was made of: what rounding takes away is kept beside it.
 * Source: A. Neumaier, Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen (1974).
 */
export class CompensatedSum {
  private high = 0;
  private low = 0;

  /** @returns false, with nothing added, if a double can't hold the new sum: it would be sent as `null` and refused */
  add(value: number): boolean {
    const high = this.high + value;
    if (!Number.isFinite(high)) return false;
    this.low += Math.abs(this.high) >= Math.abs(value) ? this.high - high + value : value - high + this.high;
    this.high = high;
    return true;
  }

  /** The nearest double. */
  get value(): number {
    return Math.min(this.high + this.low, Number.MAX_VALUE);
  }
}
