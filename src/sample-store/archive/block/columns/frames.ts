import { bitWidth, type BitWriter } from '../bits/bit-writer.js';
import { MAX_SAMPLES, WIDTH_BITS } from '../format.js';

/**
 * The binary logarithm of the length of the shortest frame that the encoder tries. With 16 codes, describing a frame takes more
 * bits than it saves.
 */
const SHORTEST_LOG = 5;
const SHORTEST = 2 ** SHORTEST_LOG;
/** The binary logarithm of the length of the longest frame, which is the highest value of its field of four bits. */
const LONGEST_LOG = 15;

const LIMIT = Number.MAX_SAFE_INTEGER;

const lows = new Float64Array(Math.ceil(MAX_SAMPLES / SHORTEST));
const highs = new Float64Array(lows.length);

/** Plans the division of a run of integers into frames of 2^log codes, and writes the frames. */
export class Framing {
  log = SHORTEST_LOG;
  /** The smallest of all integers. Each frame stores the distance of its own smallest integer from it. */
  low = 0;
  /** The width of the field of each frame that holds the distance of the frame's smallest integer from `low`. */
  lowWidth = 0;
  /** The size in bits of the frames; Infinity if an integer, or the difference of two of them, is not exact as a double. */
  bits = 0;
  /**
   * The size in bits of the codes without frames, if each has the width of the largest code; Infinity under the same condition as
   * `bits`.
   */
  plainBits = 0;
  plainWidth = 0;

  /** Finds the length of a frame with which all frames together take the fewest bits. */
  plan(integers: Float64Array, count: number): void {
    let frames = findExtremes(integers, count);
    let low = lows[0]!;
    let high = highs[0]!;
    for (let frame = 1; frame < frames; frame++) {
      low = Math.min(low, lows[frame]!);
      high = Math.max(high, highs[frame]!);
    }
    this.low = low;
    this.bits = Infinity;
    this.plainBits = Infinity;
    if (!(low >= -LIMIT && high <= LIMIT && high - low <= LIMIT)) return;
    this.plainWidth = bitWidth(high - low);
    this.plainBits = count * this.plainWidth;
    for (let log = SHORTEST_LOG; log <= LONGEST_LOG; log++) {
      this.considerLength(log, frames, count);
      if (frames === 1) break;
      frames = joinPairs(frames);
    }
  }

  /** Writes each frame: the distance of its smallest integer from `low`, the width of its codes, and the codes. */
  write(writer: BitWriter, integers: Float64Array, count: number): void {
    const length = 2 ** this.log;
    for (let from = 0; from < count; from += length) {
      const to = Math.min(count, from + length);
      let low = integers[from]!;
      let high = low;
      for (let index = from + 1; index < to; index++) {
        low = Math.min(low, integers[index]!);
        high = Math.max(high, integers[index]!);
      }
      const width = bitWidth(high - low);
      writer.write(low - this.low, this.lowWidth);
      writer.write(width, WIDTH_BITS);
      writer.writeCodes(integers, from, to, low, width);
    }
  }

  private considerLength(log: number, frames: number, count: number): void {
    let highestLow = this.low;
    let codeBits = 0;
    for (let frame = 0; frame < frames; frame++) {
      highestLow = Math.max(highestLow, lows[frame]!);
      codeBits += bitWidth(highs[frame]! - lows[frame]!);
    }
    // The last frame may be shorter than the others.
    const surplus = frames * 2 ** log - count;
    codeBits = codeBits * 2 ** log - surplus * bitWidth(highs[frames - 1]! - lows[frames - 1]!);
    const lowWidth = bitWidth(highestLow - this.low);
    const bits = codeBits + frames * (lowWidth + WIDTH_BITS);
    if (bits >= this.bits) return;
    this.log = log;
    this.lowWidth = lowWidth;
    this.bits = bits;
  }
}

/** Finds the smallest and the largest integer of each of the shortest frames. @returns the number of frames */
function findExtremes(integers: Float64Array, count: number): number {
  let frames = 0;
  for (let from = 0; from < count; from += SHORTEST) {
    const to = Math.min(count, from + SHORTEST);
    let low = integers[from]!;
    let high = low;
    for (let index = from + 1; index < to; index++) {
      low = Math.min(low, integers[index]!);
      high = Math.max(high, integers[index]!);
    }
    lows[frames] = low;
    highs[frames] = high;
    frames++;
  }
  return frames;
}

/** Joins neighbouring frames in pairs. @returns the number of joined frames */
function joinPairs(frames: number): number {
  const half = frames >>> 1;
  for (let frame = 0; frame < half; frame++) {
    lows[frame] = Math.min(lows[2 * frame]!, lows[2 * frame + 1]!);
    highs[frame] = Math.max(highs[2 * frame]!, highs[2 * frame + 1]!);
  }
  if ((frames & 1) === 0) return half;
  lows[half] = lows[frames - 1]!;
  highs[half] = highs[frames - 1]!;
  return half + 1;
}
