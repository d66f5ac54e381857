import type { MemberSamples } from '../../src/sample-store/archive/block/block-bytes.js';
import { BlockEncoder } from '../../src/sample-store/archive/block/block-encoder.js';
import type { WholeBlock } from '../../src/sample-store/archive/block/block-splicer.js';
import type { SeededRandom } from './seeded-random.js';

/** The longest span of a block, in milliseconds. */
const MAX_SPAN_MS = 2 ** 32 - 1;
const DAY_MS = 86_400_000;
const MAX_TIME = 8.64e15;

const SPECIAL_VALUES = [
  NaN,
  Infinity,
  -Infinity,
  0,
  -0,
  5e-324,
  -5e-324,
  2.2250738585072014e-308,
  2.225073858507201e-308,
  Number.MAX_VALUE,
  -Number.MAX_VALUE,
  2 ** 53 - 1,
  2 ** 53,
  -(2 ** 53) + 1,
  2 ** 52,
  2 ** 63,
  0.1 + 0.2,
  1e22,
  1e23,
  9007199254740993e-17,
];

/** Returns an array of one double with 64 random bits, so that a NaN can have any payload. */
export function anyDouble(random: SeededRandom): Float64Array {
  const words = Uint32Array.of(random.integer(0, 2 ** 32 - 1), random.integer(0, 2 ** 32 - 1));
  return new Float64Array(words.buffer);
}

/** Sets one element of an array. A NaN with a payload is copied as bytes, because a variable could lose the payload. */
type Fill = (values: Float64Array, index: number, random: SeededRandom) => void;

function decimals(random: SeededRandom): Fill {
  const digits = random.integer(0, 18);
  const range = 10 ** random.integer(0, 17);
  return (values, index) => {
    values[index] = Number(`${random.isTrue(0.5) ? '' : '-'}${Math.floor(random.next() * range)}e-${digits}`);
  };
}

function walk(random: SeededRandom): Fill {
  const digits = random.integer(0, 6);
  const step = 10 ** random.integer(0, 5);
  let position = random.integer(-(10 ** 9), 10 ** 9);
  return (values, index) => {
    position += random.integer(-step, step);
    values[index] = position / 10 ** digits;
  };
}

function sums(random: SeededRandom): Fill {
  const digits = random.integer(0, 9);
  let sum = 0;
  return (values, index) => {
    sum += random.integer(0, 10 ** random.integer(1, 9)) / 10 ** digits;
    values[index] = sum;
  };
}

function nearDecimals(random: SeededRandom): Fill {
  const fill = decimals(random);
  return (values, index) => {
    fill(values, index, random);
    const bits = new BigInt64Array(values.buffer, values.byteOffset + 8 * index, 1);
    bits[0]! += BigInt(random.integer(-3, 3));
  };
}

function multiples(random: SeededRandom): Fill {
  const exponent = random.integer(-1074, 1000);
  const range = 2 ** random.integer(1, 53);
  return (values, index) => {
    values[index] = Math.floor(random.next() * range) * 2 ** Math.ceil(exponent / 2) * 2 ** Math.floor(exponent / 2);
  };
}

function integers(random: SeededRandom): Fill {
  const factor = random.pick([1, 1, 3, 1000, 4096, 15_000, 2 ** 20]);
  const offset = random.integer(-1_000_000, 1_000_000);
  const range = 2 ** random.integer(0, 33);
  return (values, index) => {
    values[index] = offset + factor * Math.floor(random.next() * range);
  };
}

function floats(random: SeededRandom): Fill {
  const range = 10 ** random.integer(-5, 5);
  return (values, index) => {
    values[index] = Math.fround((random.next() - 0.5) * range);
  };
}

function doubles(random: SeededRandom): Fill {
  const range = 10 ** random.integer(-300, 300);
  return (values, index) => {
    values[index] = (random.next() + random.next() / 2 ** 32) * range;
  };
}

function constant(random: SeededRandom): Fill {
  const value = random.isTrue(0.5) ? anyDouble(random) : Float64Array.of(random.pick(SPECIAL_VALUES));
  return (values, index) => values.set(value, index);
}

function anyBits(random: SeededRandom): Fill {
  return (values, index) => values.set(anyDouble(random), index);
}

function specials(random: SeededRandom): Fill {
  return (values, index) => {
    values[index] = random.pick(SPECIAL_VALUES);
  };
}

const STYLES = [decimals, walk, sums, nearDecimals, multiples, integers, floats, doubles, constant, anyBits, specials];

/** Returns values in one style, some of which may be replaced by values in another style. */
export function randomValues(random: SeededRandom, count: number): Float64Array {
  const values = new Float64Array(count);
  const fill = random.pick(STYLES)(random);
  const other = random.pick(STYLES)(random);
  const shareOfOthers = random.pick([0, 0, 0, 0.001, 0.02, 0.2]);
  for (let index = 0; index < count; index++) (random.isTrue(shareOfOthers) ? other : fill)(values, index, random);
  return values;
}

/** Returns ascending times: regular, with jitter, anywhere, in bursts of equal times, or rounded down to a grid. */
export function randomTimes(random: SeededRandom, count: number, start: number, spanMs: number): Float64Array {
  const times = new Float64Array(count);
  const interval = Math.floor(spanMs / Math.max(1, count));
  const style = random.integer(0, 4);
  const jitter = random.pick([0, 1, 1_000, interval]);
  const grain = random.pick([1, 1, 1_000, 15_000]);
  for (let index = 0; index < count; index++) {
    let offset = index * interval;
    if (style === 1) offset += random.integer(0, Math.min(jitter, interval));
    else if (style === 2) offset = Math.floor(random.next() * (spanMs + 1));
    else if (style === 3) offset = random.integer(0, 3) * Math.floor(spanMs / 3);
    else if (style === 4) offset = Math.floor(offset / grain) * grain;
    times[index] = start + Math.min(spanMs, offset);
  }
  return times.toSorted();
}

/** Returns some of the times, like those of a series that misses pushes of its sender or starts late. */
function partOf(random: SeededRandom, times: Float64Array): Float64Array {
  const chance = random.pick([0.5, 0.9, 0.99]);
  const first = random.isTrue(0.3) ? random.integer(0, times.length) : 0;
  return times.filter((_, index) => index >= first && random.isTrue(chance));
}

/** Returns the samples of a block. At least one member has a sample. */
export function randomSamples(random: SeededRandom, longest: number): MemberSamples[] {
  const spanMs = random.pick([0, 1, 1_000, DAY_MS / 4, DAY_MS, MAX_SPAN_MS]);
  const start = random.pick([0, 1_764_000_000_000, 1_764_000_000_000, -MAX_TIME, MAX_TIME - spanMs, -12_345]);
  const chance = random.pick([0.02, 0.2, 1]);
  const members = Array.from({ length: 64 }, (_, member) => member).filter(() => random.isTrue(chance));
  if (members.length === 0) members.push(random.integer(0, 63));
  let shared = randomTimes(random, random.integer(1, longest), start, spanMs);
  const sharing = random.next();
  return members.map((member, place) => {
    if (place > 0 && random.isTrue(0.1)) shared = randomTimes(random, random.integer(0, longest), start, spanMs);
    let times = shared;
    if (place > 0 && !random.isTrue(sharing)) {
      times = random.isTrue(0.7)
        ? partOf(random, shared)
        : randomTimes(random, random.integer(0, longest), start, spanMs);
    }
    return { member, times, values: randomValues(random, times.length), isDelta: random.isTrue(0.5) };
  });
}

/** Returns the block of some samples as it is read from the store. */
export function wholeBlockOf(samples: readonly MemberSamples[]): WholeBlock {
  const { packed, deltaSums, deltaSumLows, ...block } = new BlockEncoder().encode(samples);
  return {
    ...block,
    bucket: 5,
    id: 7,
    packed: [{ from: 0, bytes: packed }],
    deltaSums: deltaSums ?? new Float64Array(0),
    deltaSumLows: deltaSumLows ?? new Float64Array(0),
  };
}
