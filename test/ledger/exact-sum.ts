/** The exponent of the smallest unit. Every double that the test pushes is a multiple of 2^-EXPONENT. */
const EXPONENT = 160;
const SCALE = 2 ** EXPONENT;

/** Adds doubles without any rounding, for comparison with compensated sums. */
export class ExactSum {
  private scaled = 0n;

  add(value: number, times = 1): void {
    this.scaled += scaledOf(value) * BigInt(times);
  }

  /** The double nearest to the exact sum. */
  get nearest(): number {
    // The conversion of a BigInt rounds to nearest, and a division by a power of two does not round.
    return Number(this.scaled) / SCALE;
  }
}

function scaledOf(value: number): bigint {
  const scaled = value * SCALE;
  if (!Number.isInteger(scaled)) throw new Error(`Too small to be summed up exactly: ${value}`);
  return BigInt(scaled);
}
