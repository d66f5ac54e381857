/** Every double that the test pushes is a whole multiple of 2^-EXPONENT. */
const EXPONENT = 160;
const SCALE = 2 ** EXPONENT;

/** A sum of doubles without any rounding, to hold compensated sums against. */
export class ExactSum {
  private scaled = 0n;

  add(value: number, times = 1): void {
    this.scaled += scaledOf(value) * BigInt(times);
  }

  /** The double that is nearest to the exact sum. */
  get nearest(): number {
    // The conversion of a BigInt rounds to nearest; a division by a power of two does not round.
    return Number(this.scaled) / SCALE;
  }
}

function scaledOf(value: number): bigint {
  const scaled = value * SCALE;
  if (!Number.isInteger(scaled)) throw new Error(`Too small to be summed up exactly: ${value}`);
  return BigInt(scaled);
}
