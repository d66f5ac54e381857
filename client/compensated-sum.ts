/**
 * Adds doubles. The sum stays accurate for any number of small values, because the rounding errors are summed separately.
 * Source: A. Neumaier, Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen (1974).
 */
export class CompensatedSum {
  private high = 0;
  private low = 0;

  /** @returns false, and adds nothing, if a double can't hold the new sum, which would be sent as `null` and refused */
  add(value: number): boolean {
    const high = this.high + value;
    if (!Number.isFinite(high)) return false;
    this.low += Math.abs(this.high) >= Math.abs(value) ? this.high - high + value : value - high + this.high;
    this.high = high;
    return true;
  }

  /** The double nearest to the sum. */
  get value(): number {
    return Math.min(this.high + this.low, Number.MAX_VALUE);
  }
}
