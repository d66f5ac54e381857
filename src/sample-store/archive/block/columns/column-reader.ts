import type { BitReader } from '../bits/bit-reader.js';
import {
  FORM_BITS,
  LOG_BITS,
  WIDTH_BITS,
  FRAMED,
  FRAMED_DIFFERENCES,
  PLAIN,
  PLAIN_DIFFERENCES,
  SLOPE_UNIT,
} from '../format.js';

/**
 * Reads a column of integers, and adds `plus` to each of them. The integer with the index `i` is written to `out[at + i]`.
 *
 * @param count the number of integers of the column
 * @param first the first index that is needed; at the indexes before it, the content of `out` is undefined
 * @param end the index after the last one that is needed; from it on, the content of `out` is undefined as well
 */
export function readColumn(
  reader: BitReader,
  count: number,
  out: Float64Array,
  at: number,
  plus = 0,
  first = 0,
  end = count,
): void {
  if (count === 0) return;
  let unit = 1;
  let offset = plus;
  if (reader.read(1) === 1) {
    unit = reader.read(reader.read(WIDTH_BITS));
    offset += reader.readSigned();
  }
  // Without a unit, the offset is added together with the lowest code, which saves a pass over the integers.
  const base = unit === 1 ? offset : 0;
  const form = reader.read(FORM_BITS);
  if (form === PLAIN) {
    const low = base + reader.readSigned();
    const width = reader.read(WIDTH_BITS);
    reader.skip(first * width);
    reader.readCodes(out, at + first, at + end, low, width);
    reader.skip((count - end) * width);
  } else if (form === PLAIN_DIFFERENCES) {
    out[at] = base + reader.readSigned();
    const low = reader.readSigned();
    const width = reader.read(WIDTH_BITS);
    const last = Math.max(1, end);
    reader.readCodes(out, at + 1, at + last, low, width);
    reader.skip((count - last) * width);
    addUp(out, at, at + end);
  } else if (form === FRAMED) {
    const length = 2 ** reader.read(LOG_BITS);
    const slope = reader.readSigned() * SLOPE_UNIT;
    readFrames(reader, base, out, at, 0, count, length, first, end);
    if (slope !== 0) for (let index = first; index < end; index++) out[at + index]! += Math.floor(index * slope);
  } else if (form === FRAMED_DIFFERENCES) {
    const length = 2 ** reader.read(LOG_BITS);
    out[at] = base + reader.readSigned();
    readFrames(reader, 0, out, at, 1, count, length, 1, end);
    addUp(out, at, at + end);
  }
  if (unit !== 1) for (let index = at + first; index < at + end; index++) out[index] = out[index]! * unit + offset;
}

/** Reads the frames that contain an index from `first` up to, but not including, `end`, and skips the others. */
function readFrames(
  reader: BitReader,
  base: number,
  out: Float64Array,
  at: number,
  start: number,
  count: number,
  length: number,
  first: number,
  end: number,
): void {
  const low = base + reader.readSigned();
  const lowWidth = reader.read(WIDTH_BITS);
  for (let from = start; from < count; from += length) {
    const to = Math.min(count, from + length);
    const frameLow = low + reader.read(lowWidth);
    const width = reader.read(WIDTH_BITS);
    if (to <= first || from >= end) reader.skip((to - from) * width);
    else reader.readCodes(out, at + from, at + to, frameLow, width);
  }
}

/** Replaces each number by the sum of the numbers up to it. */
function addUp(out: Float64Array, from: number, to: number): void {
  let sum = out[from]!;
  for (let index = from + 1; index < to; index++) {
    sum += out[index]!;
    out[index] = sum;
  }
}
