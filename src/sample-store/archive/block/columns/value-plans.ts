import { type BitWriter, signedBits } from '../bits/bit-writer.js';
import { ColumnPlan } from './column-plan.js';
import { DecimalExponents, nearDecimalExponent } from './decimal-exponent.js';
import { lowestExponent, splitWord, wordsOf } from '../bits/double-words.js';
import { PatchList } from './patch-list.js';
import { HIGHEST_POWER_OF_TWO, POWERS_OF_TEN, powerOfTwo } from '../bits/powers.js';
import { MAX_SAMPLES, DECIMAL, BINARY, SUM, RAW, TEN_BITS } from '../format.js';

/** Maximum number of patches whose exponents are examined. Examining more would hardly ever change the choice. */
const MAX_EXAMINED_PATCHES = 1_000;

const MANY_DIGITS = 12;

const integers = new Float64Array(MAX_SAMPLES);
const others = new Float64Array(MAX_SAMPLES);

/** Encodes values in one way: plans the encoding, returns the number of bits that it takes, and writes it. */
export interface ValuePlan {
  readonly mode: number;
  readonly patches: PatchList;
  /** @returns the size of the columns and the patches in bits; Infinity if this way is not possible */
  plan(values: Float64Array): number;
  /** Writes everything after the patches. */
  write(writer: BitWriter): void;
}

/** Writes decimals: an integer divided by a power of ten. */
export class DecimalPlan implements ValuePlan {
  readonly mode = DECIMAL;
  readonly patches = new PatchList();
  private ten = 0;
  private readonly exponents = new DecimalExponents();
  private readonly column = new ColumnPlan();

  /** True if the decimals have so many digits that they may take as many bits as the doubles themselves. */
  get hasManyDigits(): boolean {
    return this.ten > MANY_DIGITS;
  }

  plan(values: Float64Array): number {
    const { exponents, patches } = this;
    exponents.clear();
    exponents.addSpread(values);
    if (!exponents.areDecimals) return Infinity;
    this.scale(values, exponents.choose());
    if (patches.count > 0) {
      // The exponent was chosen from only a few values, and others may need more digits. A value stays a patch if that costs
      // fewer bits than more digits for all values.
      exponents.clear();
      exponents.addFitting(this.ten, values.length - patches.count);
      const examined = Math.min(patches.count, MAX_EXAMINED_PATCHES);
      for (let patch = 0; patch < examined; patch++) exponents.add(values[patches.placeOf(patch)]!);
      const ten = exponents.choose();
      if (ten !== this.ten) this.scale(values, ten);
    }
    return TEN_BITS + this.column.plan(integers, values.length) + patches.plan();
  }

  write(writer: BitWriter): void {
    writer.write(this.ten, TEN_BITS);
    this.column.write(writer);
  }

  private scale(values: Float64Array, ten: number): void {
    this.ten = ten;
    const { patches } = this;
    patches.start(values);
    const power = POWERS_OF_TEN[ten]!;
    let previous = 0;
    for (let index = 0; index < values.length; index++) {
      const value = values[index]!;
      const scaled = Math.round(value * power);
      const isExact = scaled / power === value && Math.abs(scaled) <= Number.MAX_SAFE_INTEGER && !isNegativeZero(value);
      if (isExact) previous = scaled;
      else patches.add(index);
      integers[index] = previous;
    }
    patches.fillBefore(integers);
  }
}

/** Writes multiples of a power of two: memory sizes, fractions such as 0.375, or any doubles of about the same size. */
export class BinaryPlan implements ValuePlan {
  readonly mode = BINARY;
  readonly patches = new PatchList();
  private two = 0;
  private readonly column = new ColumnPlan();

  plan(values: Float64Array): number {
    const { patches } = this;
    let two = HIGHEST_POWER_OF_TWO;
    let largest = 0;
    for (const value of values) {
      if (value === 0 || !Number.isFinite(value)) continue;
      largest = Math.max(largest, Math.abs(value));
      two = Math.min(two, lowestExponent(value));
    }
    if (largest === 0) two = 0;
    this.two = two;
    const divisor = powerOfTwo(two);
    if (largest / divisor > Number.MAX_SAFE_INTEGER) return Infinity;
    patches.start(values);
    let previous = 0;
    for (let index = 0; index < values.length; index++) {
      const value = values[index]!;
      if (Number.isFinite(value) && !isNegativeZero(value)) previous = value / divisor;
      else patches.add(index);
      integers[index] = previous;
    }
    patches.fillBefore(integers);
    return signedBits(two) + this.column.plan(integers, values.length) + patches.plan();
  }

  write(writer: BitWriter): void {
    writer.writeSigned(this.two);
    this.column.write(writer);
  }
}

/** Writes sums of decimals: the nearest decimal, and the rounding errors of the additions as a multiple of a power of two. */
export class SumPlan implements ValuePlan {
  readonly mode = SUM;
  readonly patches = new PatchList();
  private ten = 0;
  private two = 0;
  private readonly column = new ColumnPlan();
  private readonly errorColumn = new ColumnPlan();

  plan(values: Float64Array): number {
    const { patches } = this;
    this.ten = nearDecimalExponent(values);
    if (this.ten === -1) return Infinity;
    const power = POWERS_OF_TEN[this.ten]!;
    let two = HIGHEST_POWER_OF_TWO;
    for (const value of values) {
      const error = value - Math.round(value * power) / power;
      if (error !== 0 && Number.isFinite(error)) two = Math.min(two, lowestExponent(error));
    }
    this.two = two === HIGHEST_POWER_OF_TWO ? 0 : two;
    const divisor = powerOfTwo(this.two);
    patches.start(values);
    let previous = 0;
    let previousError = 0;
    for (let index = 0; index < values.length; index++) {
      const value = values[index]!;
      const scaled = Math.round(value * power);
      const error = (value - scaled / power) / divisor;
      const isSafe = Math.abs(scaled) <= Number.MAX_SAFE_INTEGER && Math.abs(error) <= Number.MAX_SAFE_INTEGER;
      if (isSafe && scaled / power + error * divisor === value && !isNegativeZero(value)) {
        previous = scaled;
        previousError = error;
      } else patches.add(index);
      integers[index] = previous;
      others[index] = previousError;
    }
    patches.fillBefore(integers);
    patches.fillBefore(others);
    const { length } = values;
    const columns = this.column.plan(integers, length) + this.errorColumn.plan(others, length);
    return TEN_BITS + signedBits(two) + columns + patches.plan();
  }

  write(writer: BitWriter): void {
    writer.write(this.ten, TEN_BITS);
    writer.writeSigned(this.two);
    this.column.write(writer);
    this.errorColumn.write(writer);
  }
}

/** Writes any doubles, as the upper and the lower halves of their bits. */
export class RawPlan implements ValuePlan {
  readonly mode = RAW;
  readonly patches = new PatchList();
  private readonly highColumn = new ColumnPlan();
  private readonly lowColumn = new ColumnPlan();

  plan(values: Float64Array): number {
    const words = wordsOf(values);
    for (let index = 0; index < values.length; index++) splitWord(words, index, integers, others, index);
    return this.highColumn.plan(integers, values.length) + this.lowColumn.plan(others, values.length);
  }

  write(writer: BitWriter): void {
    this.highColumn.write(writer);
    this.lowColumn.write(writer);
  }
}

function isNegativeZero(value: number): boolean {
  return value === 0 && 1 / value < 0;
}
