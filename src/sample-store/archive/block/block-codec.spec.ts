import fc from 'fast-check';
import { randomSamples } from '../../../../test/support/random-blocks.js';
import { readBlock } from '../../../../test/support/reference-block-reader.js';
import { SeededRandom } from '../../../../test/support/seeded-random.js';
import type { EncodedBlock, MemberSamples } from './block-bytes.js';
import { BlockDecoder } from './block-decoder.js';
import { BlockEncoder } from './block-encoder.js';

/**
 * Number of runs. `BLOCK_FUZZ_RUNS=100000 BLOCK_FUZZ_SEED=5 npx jest block-codec --selectProjects unit` searches for rarer
 * errors.
 */
const RUNS = Number(process.env.BLOCK_FUZZ_RUNS ?? 30);
const SEED = Number(process.env.BLOCK_FUZZ_SEED ?? 1);
/** The share of the blocks that are also read by the reference reader, which is a thousand times slower. */
const SHARE_FOR_REFERENCE = 0.25;

const encoder = new BlockEncoder();
const decoder = new BlockDecoder();

function bytesOf({ startAt, members, directory, packed }: EncodedBlock) {
  return { bucket: 3, id: 17, startAt, members, directory, packed: [{ from: 0, bytes: packed }] };
}

/** Returns the bytes of doubles, because `toEqual` treats two NaNs with different payloads as equal. */
function bytesOfDoubles(values: Float64Array, from = 0, count = values.length): Buffer {
  return Buffer.from(values.buffer, values.byteOffset + 8 * from, 8 * count);
}

/** Compares bits. `expect` is called only if they differ, because a call takes longer than decoding a thousand samples. */
function expectSameBits(found: Float64Array, at: number, expected: Float64Array, from: number, count: number): void {
  const [foundBytes, expectedBytes] = [bytesOfDoubles(found, at, count), bytesOfDoubles(expected, from, count)];
  if (!foundBytes.equals(expectedBytes)) expect(foundBytes.toString('hex')).toBe(expectedBytes.toString('hex'));
}

/** Expects that decoding a random time range returns exactly the samples of a member in this range. */
function expectRange(expected: MemberSamples, random: SeededRandom, times: Float64Array, values: Float64Array): void {
  expect(decoder.firstTime(expected.member)).toBe(expected.times[0]);
  expect(decoder.lastTime(expected.member)).toBe(expected.times.at(-1));
  const from = expected.times[random.integer(0, expected.times.length - 1)]! + random.integer(-1, 1);
  const to = from + random.pick([0, 1, 60_000, 10_000_000]);
  let first = 0;
  while (first < expected.times.length && expected.times[first]! < from) first++;
  let end = first;
  while (end < expected.times.length && expected.times[end]! <= to) end++;
  expect(decoder.decode(expected.member, from, to, times, values, 0)).toBe(end - first);
  expectSameBits(times, 0, expected.times, first, end - first);
  expectSameBits(values, 0, expected.values, first, end - first);
}

/** Expects that decoding a whole block, or a time range of it, returns every bit of every sample. */
function expectRoundTrip(samples: readonly MemberSamples[], random = new SeededRandom(1)): EncodedBlock {
  const block = encoder.encode(samples);
  decoder.open(bytesOf(block));
  expect(decoder.packedLength).toBe(block.packed.length);
  const longest = Math.max(...samples.map(({ times }) => times.length));
  const times = new Float64Array(longest + 1);
  const values = new Float64Array(longest + 1);
  for (const expected of random.shuffled(samples)) {
    const { length } = expected.times;
    expect(decoder.sampleCount(expected.member)).toBe(length);
    expect(decoder.decode(expected.member, -Infinity, Infinity, times, values, 1)).toBe(length);
    expectSameBits(times, 1, expected.times, 0, length);
    expectSameBits(values, 1, expected.values, 0, length);
    if (length > 0) expectRange(expected, random, times, values);
  }
  return block;
}

/** Expects that a reader which follows the README finds the same samples. */
function expectReferenceAgrees(samples: readonly MemberSamples[], { startAt, directory, packed }: EncodedBlock): void {
  const present = samples.filter(({ times }) => times.length > 0);
  const members = present.map(({ member }) => member);
  for (const [place, found] of readBlock(startAt, members, directory, packed).entries()) {
    const { times, values } = present[place]!;
    if (!found.values.equals(bytesOfDoubles(values))) throw new Error(`values of member ${found.member}`);
    expectSameBits(Float64Array.from(found.times), 0, times, 0, times.length);
  }
}

function gauge(values: Float64Array): MemberSamples {
  const times = Float64Array.from(values, (_, index) => 1_764_000_000_000 + index * 15_000);
  return { member: 5, times, values, isDelta: false };
}

const anyBits = fc
  .uint32Array({ minLength: 2, maxLength: 200 })
  .map((words) => new Float64Array(words.slice(0, words.length & ~1).buffer));

describe('a block', () => {
  it('gives back every bit of every time and value, also to a reader that follows the README', () => {
    for (let run = 0; run < RUNS; run++) {
      const random = new SeededRandom(SEED * 1_000_003 + run);
      const longest = random.pick([1, 2, 3, 10, 40, 100, 100, 1_000]);
      try {
        const samples = randomSamples(random, longest);
        const block = expectRoundTrip(samples, random);
        if (longest <= 100 && random.isTrue(SHARE_FOR_REFERENCE)) expectReferenceAgrees(samples, block);
      } catch (error) {
        throw new Error(`Run ${run} of BLOCK_FUZZ_SEED=${SEED} failed: ${String(error)}`, { cause: error });
      }
    }
  });

  it('gives back any 64 bits', () => {
    fc.assert(fc.property(anyBits, (values) => void expectRoundTrip([gauge(values)])));
  });

  it('gives back any double among decimals', () => {
    const values = fc.array(
      fc.oneof(
        fc.double(),
        fc.integer({ max: 10_000 }).map((cents) => cents / 100),
      ),
      {
        minLength: 1,
        maxLength: 200,
      },
    );
    fc.assert(fc.property(values, (list) => void expectRoundTrip([gauge(Float64Array.from(list))])));
  });

  it('gives back as many samples as a member may have', () => {
    const random = new SeededRandom(9);
    const times = Float64Array.from({ length: 65_535 }, (_, index) => index * 65_536 + random.integer(0, 65_535));
    const values = times.map(() => random.integer(0, 1_000) / 4);
    const some = times.filter(() => random.isTrue(0.9));
    expectRoundTrip([
      { member: 0, times, values, isDelta: true },
      { member: 31, times: some, values: values.slice(0, some.length), isDelta: true },
      { member: 32, times, values: times.map(() => random.next() / 3), isDelta: true },
      { member: 63, times: times.slice(0, 1), values: values.slice(0, 1), isDelta: true },
    ]);
  });

  it('gives back the longest span, and the earliest and the latest time of a date', () => {
    for (const start of [-8.64e15, 8.64e15 - (2 ** 32 - 1)]) {
      const times = Float64Array.of(start, start, start + 1, start + 2 ** 32 - 1);
      expectRoundTrip([{ member: 0, times, values: Float64Array.of(1, 2, 3, 4), isDelta: false }]);
    }
  });
});
