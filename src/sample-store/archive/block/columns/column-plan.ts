import { type BitWriter, bitWidth, signedBits } from '../bits/bit-writer.js';
import { Framing } from './frames.js';
import {
  MAX_SAMPLES,
  WIDTH_BITS,
  FORM_BITS,
  FRAMED,
  FRAMED_DIFFERENCES,
  PLAIN,
  PLAIN_DIFFERENCES,
  LOG_BITS,
  SLOPE_UNIT,
} from '../format.js';

/**
 * Minimum number of integers that are written as distances from a straight line. With fewer, describing the line takes more bits
 * than it saves.
 */
const FEWEST_FOR_LINE = 32;

const residuals = new Float64Array(MAX_SAMPLES);

/**
 * Plans the form in which a column of integers takes the fewest bits, and writes the column. The object can be used again for
 * the next column.
 */
export class ColumnPlan {
  /**
   * The size of the planned column in bits; Infinity if an integer, or the difference of two of them, is not exact as a double.
   */
  bits = 0;
  private count = 0;
  /** The integers of the column, minus `offset` and divided by `unit`. */
  private integers = new Float64Array(0);
  private unit = 1;
  private offset = 0;
  private form = PLAIN;
  private step = 0;
  private readonly plain = new Framing();
  private readonly differing = new Framing();
  private readonly linear = new Framing();
  private framing = this.plain;

  plan(source: Float64Array, count: number): number {
    this.count = count;
    this.bits = 0;
    if (count === 0) return 0;
    this.takeUnit(source);
    const { integers } = this;
    const first = integers[0]!;

    const { plain, differing, linear } = this;
    plain.plan(integers, count);
    this.form = PLAIN;
    this.framing = plain;
    this.step = 0;
    this.bits = signedBits(plain.low) + WIDTH_BITS + plain.plainBits;
    if (this.bits === Infinity) return Infinity;
    this.consider(FRAMED, plain, LOG_BITS + signedBits(0) + plain.bits);

    if (count > 1) {
      takeDifferences(integers, count);
      differing.plan(residuals, count - 1);
      this.consider(PLAIN_DIFFERENCES, differing, signedBits(first) + differing.plainBits);
      this.consider(FRAMED_DIFFERENCES, differing, LOG_BITS + signedBits(first) + differing.bits);
    }

    // If all differences are equal, they take no bits, so a line can't be shorter.
    if (count >= FEWEST_FOR_LINE && !(this.form === PLAIN_DIFFERENCES && differing.plainWidth === 0)) {
      const step = Math.round((integers[count - 1]! - first) / (count - 1) / SLOPE_UNIT);
      if (step !== 0 && Math.abs(step) * count <= Number.MAX_SAFE_INTEGER) {
        takeDistancesFromLine(integers, count, step);
        linear.plan(residuals, count);
        if (this.consider(FRAMED, linear, LOG_BITS + signedBits(step) + linear.bits)) this.step = step;
      }
    }
    this.bits += 1 + FORM_BITS + (this.unit === 1 ? 0 : WIDTH_BITS + bitWidth(this.unit) + signedBits(this.offset));
    return this.bits;
  }

  write(writer: BitWriter): void {
    const { count, integers, form, framing } = this;
    if (count === 0) return;
    writer.reserve(this.bits);
    writer.write(this.unit === 1 ? 0 : 1, 1);
    if (this.unit !== 1) {
      writer.writeUnsigned(this.unit);
      writer.writeSigned(this.offset);
    }
    writer.write(form, FORM_BITS);
    const isFramed = form === FRAMED || form === FRAMED_DIFFERENCES;
    const areDifferences = form === FRAMED_DIFFERENCES || form === PLAIN_DIFFERENCES;
    if (isFramed) writer.write(framing.log, LOG_BITS);
    if (areDifferences) {
      writer.writeSigned(integers[0]!);
      takeDifferences(integers, count);
    } else if (isFramed) {
      writer.writeSigned(this.step);
      takeDistancesFromLine(integers, count, this.step);
    }
    writer.writeSigned(framing.low);
    writer.write(isFramed ? framing.lowWidth : framing.plainWidth, WIDTH_BITS);
    const rest = areDifferences ? count - 1 : count;
    if (isFramed) framing.write(writer, residuals, rest);
    else writer.writeCodes(areDifferences ? residuals : integers, 0, rest, framing.low, framing.plainWidth);
  }

  /**
   * Chooses a form if it takes fewer bits than the best one so far.
   *
   * @param otherBits the bits of the form, without the lowest code and the width, which every form has
   * @returns whether the form was chosen
   */
  private consider(form: number, framing: Framing, otherBits: number): boolean {
    const bits = otherBits + signedBits(framing.low) + WIDTH_BITS;
    if (bits >= this.bits) return false;
    this.form = form;
    this.framing = framing;
    this.bits = bits;
    return true;
  }

  /**
   * Subtracts an offset from the integers, and divides them by the greatest common divisor of their differences, such as 15,000
   * for times or 4,096 for memory sizes.
   */
  private takeUnit(source: Float64Array): void {
    const { count } = this;
    if (this.integers.length < count) this.integers = new Float64Array(Math.max(count, 2 * this.integers.length));
    const { integers } = this;
    this.unit = commonUnit(source, count);
    this.offset = 0;
    if (this.unit === 1) {
      for (let index = 0; index < count; index++) integers[index] = source[index]!;
      return;
    }
    this.offset = source[0]! % this.unit;
    for (let index = 0; index < count; index++) integers[index] = (source[index]! - this.offset) / this.unit;
  }
}

/** Returns the greatest common divisor of all differences, or 1 if dividing by it would save nothing or would not be exact. */
function commonUnit(integers: Float64Array, count: number): number {
  const first = integers[0]!;
  let unit = 0;
  for (let index = 1; index < count; index++) {
    const difference = Math.abs(integers[index]! - first);
    // Above this limit, the difference itself, or the integer minus the offset, may not be exact.
    if (difference > Number.MAX_SAFE_INTEGER / 2) return 1;
    if (unit !== 0 && Math.round(difference / unit) * unit === difference) continue;
    unit = greatestCommonDivisor(unit, difference);
    if (unit === 1) return 1;
  }
  if (unit === 0 || Math.abs(first) > Number.MAX_SAFE_INTEGER / 2) return 1;
  const width = bitWidth(unit);
  return (count - 1) * (width - 1) > WIDTH_BITS + width + signedBits(first % unit) ? unit : 1;
}

function greatestCommonDivisor(a: number, b: number): number {
  let [larger, smaller] = [a, b];
  while (smaller !== 0) [larger, smaller] = [smaller, larger % smaller];
  return larger;
}

function takeDifferences(integers: Float64Array, count: number): void {
  for (let index = 1; index < count; index++) residuals[index - 1] = integers[index]! - integers[index - 1]!;
}

function takeDistancesFromLine(integers: Float64Array, count: number, step: number): void {
  const slope = step * SLOPE_UNIT;
  for (let index = 0; index < count; index++) residuals[index] = integers[index]! - Math.floor(index * slope);
}
