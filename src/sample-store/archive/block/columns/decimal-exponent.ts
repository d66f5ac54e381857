import { POWERS_OF_TEN } from '../bits/powers.js';

/**
 * Maximum number of digits after the decimal point. Values with more digits are encoded in other ways, which take no more bits.
 */
const HIGHEST_EXPONENT = 17;
/** Approximate number of values that are examined to choose an exponent for all values. */
const SAMPLED_VALUES = 32;
/** Approximate size of one patch in bits: its place, and a double that has nothing in common with the previous patch. */
const PATCH_BITS = 75;
const BITS_PER_DIGIT = Math.log2(10);
/**
 * A value that is at most this far from the nearest decimal is taken for a sum of decimals. The unit is the distance between two
 * neighbouring decimals.
 */
const NEARNESS = 1 / 64;

/** Counts how many digits after the decimal point each value needs, in order to choose one exponent for all of them. */
export class DecimalExponents {
  private readonly counts = new Uint32Array(HIGHEST_EXPONENT + 1);
  private failed = 0;
  private total = 0;

  clear(): void {
    this.counts.fill(0);
    this.failed = 0;
    this.total = 0;
  }

  /** Counts about {@link SAMPLED_VALUES} of the values, spread evenly. */
  addSpread(values: Float64Array): void {
    const stride = Math.max(1, Math.floor(values.length / SAMPLED_VALUES));
    for (let index = 0; index < values.length; index += stride) this.add(values[index]!);
  }

  add(value: number): void {
    const exponent = decimalExponentOf(value);
    this.total++;
    if (exponent === -1) this.failed++;
    else this.counts[exponent]!++;
  }

  /** Counts values for which an exponent is already known to be enough. */
  addFitting(exponent: number, count: number): void {
    this.counts[exponent]! += count;
    this.total += count;
  }

  /** True if at most an eighth of the counted values are not decimals. These few can be stored as patches. */
  get areDecimals(): boolean {
    return this.failed * 8 <= this.total;
  }

  /** Chooses the exponent for which digits and patches together take the fewest bits. */
  choose(): number {
    let best = 0;
    let bestBits = Infinity;
    let rest = this.total;
    for (let exponent = 0; exponent <= HIGHEST_EXPONENT; exponent++) {
      rest -= this.counts[exponent]!;
      const bits = exponent * BITS_PER_DIGIT * this.total + rest * PATCH_BITS;
      if (bits >= bestBits) continue;
      best = exponent;
      bestBits = bits;
    }
    return best;
  }
}

/**
 * Returns the smallest number of digits after the point with which a decimal gives exactly this double, or -1 if there is none.
 */
function decimalExponentOf(value: number): number {
  for (let exponent = 0; exponent <= HIGHEST_EXPONENT; exponent++) {
    const power = POWERS_OF_TEN[exponent]!;
    const scaled = Math.round(value * power);
    if (!(Math.abs(scaled) <= Number.MAX_SAFE_INTEGER)) return -1;
    if (scaled / power === value) return exponent;
  }
  return -1;
}

/**
 * Returns the smallest number of digits after the point with which every examined value is nearly a decimal, or -1 if there is
 * none. This finds sums of decimals: each addition rounds, so their error grows to thousands of units in the last place.
 */
export function nearDecimalExponent(values: Float64Array): number {
  const stride = Math.max(1, Math.floor(values.length / SAMPLED_VALUES));
  let exponent = 0;
  for (let index = 0; index < values.length; index += stride) {
    const value = values[index]!;
    if (!Number.isFinite(value)) continue;
    for (;;) {
      const scaled = value * POWERS_OF_TEN[exponent]!;
      if (Math.abs(scaled) > Number.MAX_SAFE_INTEGER) return -1;
      if (Math.abs(scaled - Math.round(scaled)) <= NEARNESS) break;
      exponent++;
      if (exponent > HIGHEST_EXPONENT) return -1;
    }
  }
  return exponent;
}
