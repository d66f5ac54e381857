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

/** The unit and offset of the column that was read last: an integer is `offset + unit * y` for a number `y` in the buffer. */
export interface ColumnScale {
  unit: number;
  offset: number;
}

/**
 * Reads a column of integers into a buffer. The unit and offset of the column are not applied to the integers, but stored in
 * `scale`.
 *
 * @param count the number of integers of the column
 * @param first the first index that is needed; before it, the content of the buffer is undefined
 * @param end the index after the last one that is needed
 */
export function readColumn(
  reader: BitReader,
  count: number,
  out: Float64Array,
  scale: ColumnScale,
  first = 0,
  end = count,
): void {
  scale.unit = 1;
  scale.offset = 0;
  if (count === 0) return;
  if (reader.read(1) === 1) {
    scale.unit = reader.read(reader.read(WIDTH_BITS));
    scale.offset = reader.readSigned();
  }
  const form = reader.read(FORM_BITS);
  if (form === PLAIN) {
    const low = reader.readSigned();
    const width = reader.read(WIDTH_BITS);
    reader.skip(first * width);
    reader.readCodes(out, first, end, low, width);
    reader.skip((count - end) * width);
  } else if (form === PLAIN_DIFFERENCES) {
    out[0] = reader.readSigned();
    const low = reader.readSigned();
    const width = reader.read(WIDTH_BITS);
    reader.readCodes(out, 1, Math.max(1, end), low, width);
    reader.skip((count - Math.max(1, end)) * width);
    addUp(out, end);
  } else if (form === FRAMED) {
    const length = 2 ** reader.read(LOG_BITS);
    const slope = reader.readSigned() * SLOPE_UNIT;
    readFrames(reader, out, 0, count, length, first, end);
    if (slope === 0) return;
    for (let index = first; index < end; index++) out[index]! += Math.floor(index * slope);
  } else if (form === FRAMED_DIFFERENCES) {
    const length = 2 ** reader.read(LOG_BITS);
    out[0] = reader.readSigned();
    readFrames(reader, out, 1, count, length, 1, end);
    addUp(out, end);
  }
}

/** Reads the frames that contain an index from `first` up to, but not including, `end`, and skips the others. */
function readFrames(
  reader: BitReader,
  out: Float64Array,
  start: number,
  count: number,
  length: number,
  first: number,
  end: number,
): void {
  const low = reader.readSigned();
  const lowWidth = reader.read(WIDTH_BITS);
  for (let from = start; from < count; from += length) {
    const to = Math.min(count, from + length);
    const frameLow = low + reader.read(lowWidth);
    const width = reader.read(WIDTH_BITS);
    if (to <= first || from >= end) reader.skip((to - from) * width);
    else reader.readCodes(out, from, to, frameLow, width);
  }
}

function addUp(out: Float64Array, end: number): void {
  let sum = out[0]!;
  for (let index = 1; index < end; index++) {
    sum += out[index]!;
    out[index] = sum;
  }
}
