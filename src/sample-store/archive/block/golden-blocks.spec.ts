import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { MemberSamples } from './block-bytes.js';
import { BlockDecoder } from './block-decoder.js';
import { BlockEncoder } from './block-encoder.js';

/**
 * Blocks as they are stored. They must stay readable forever. If the encoder learns to write something shorter, keep this file
 * and its test, and add a second file with the new bytes: let a copy of this test name it, and run the copy with
 * `WRITE_GOLDEN_BLOCKS=1`, which overwrites the named file.
 */
const FILE = path.join(import.meta.dirname, 'golden-blocks.hex');

const START = 1_764_000_000_000;

function regular(count: number): Float64Array {
  return Float64Array.from({ length: count }, (_, index) => START + index * 15_000);
}

function jittered(count: number): Float64Array {
  return Float64Array.from({ length: count }, (_, index) => START + index * 10_000 + ((index * 7_919) % 1_999));
}

function series(member: number, times: Float64Array, valueAt: (index: number) => number): MemberSamples {
  return { member, times, values: times.map((_, index) => valueAt(index)), isDelta: false };
}

function staleMarker(): number {
  return new Float64Array(Uint32Array.of(2, 0x7ff0_0000).buffer)[0]!;
}

const SPECIAL = [NaN, Infinity, -Infinity, -0, 5e-324, 1.7976931348623157e308, 1 / 3, 0.1 + 0.2];

/** One block for each feature of the format. */
const BLOCKS: Record<string, MemberSamples[]> = {
  'one sample': [series(0, Float64Array.of(START), () => 42)],
  'a constant of two decimals': [series(63, regular(10), () => 12.34)],
  'equal times': [series(7, Float64Array.of(START, START, START + 1, START + 1), (index) => index - 2)],
  'integers and their differences': [
    series(1, regular(24), (index) => (index * 5) % 7),
    series(33, regular(24), (index) => 1_000_000 + index * 1_000 + ((index * 5) % 7)),
  ],
  'frames, on a line and with differences': [
    series(2, jittered(96), (index) => (index < 48 ? 0 : (index * 31) % 64)),
    series(3, jittered(96), (index) => index * index * (index < 64 ? 1 : 64)),
  ],
  'multiples of 4,096': [series(4, regular(10), (index) => 4_096 * ((index * 31) % 64))],
  'binary fractions': [series(5, regular(10), (index) => (index * index + 1) * 2 ** -60)],
  'a sum of decimals': [
    series(
      6,
      regular(30),
      (
        (sum) => () =>
          (sum += 0.1)
      )(0),
    ),
  ],
  'any doubles': [series(7, regular(SPECIAL.length), (index) => SPECIAL[index]!)],
  patches: [series(8, regular(40), (index) => (index === 9 ? Infinity : index === 30 ? -0 : index / 10))],
  'a stale marker with its payload': [series(9, regular(70), (index) => (index === 69 ? staleMarker() : index % 4))],
  'parts of a vector of times': [
    series(0, jittered(40), () => 1),
    series(
      1,
      jittered(40).filter((_, index) => (index * 7) % 10 < 6),
      () => 2,
    ),
    series(
      2,
      jittered(40).filter((_, index) => index !== 11),
      () => 3,
    ),
    series(3, jittered(40).slice(32), () => 4),
  ],
};

const encoder = new BlockEncoder();

function goldenLines(): Map<string, { directory: Buffer; packed: Buffer }> {
  const lines = readFileSync(FILE, 'utf8').trim().split('\n');
  return new Map(
    lines.map((line) => {
      const [name, directory, packed] = line
        .split(': ')
        .flatMap((part, index) => (index === 0 ? [part] : part.split(' ')));
      return [name!, { directory: Buffer.from(directory!, 'hex'), packed: Buffer.from(packed!, 'hex') }];
    }),
  );
}

if (process.env.WRITE_GOLDEN_BLOCKS === '1') {
  const lines = Object.entries(BLOCKS).map(([name, samples]) => {
    const { directory, packed } = encoder.encode(samples);
    return `${name}: ${Buffer.from(directory).toString('hex')} ${Buffer.from(packed).toString('hex')}\n`;
  });
  writeFileSync(FILE, lines.join(''));
}

describe('a golden block', () => {
  const decoder = new BlockDecoder();

  test.each(Object.keys(BLOCKS))('%s: is what the encoder writes and what the decoder reads', (name) => {
    const samples = BLOCKS[name]!;
    const { directory, packed } = goldenLines().get(name)!;
    const block = encoder.encode(samples);
    expect(Buffer.from(block.directory).toString('hex')).toBe(directory.toString('hex'));
    expect(Buffer.from(block.packed).toString('hex')).toBe(packed.toString('hex'));
    decoder.open({ ...block, bucket: 1, id: 1, directory, packed: [{ from: 0, bytes: packed }] });
    for (const { member, times, values } of samples) {
      const found = { times: new Float64Array(times.length), values: new Float64Array(times.length) };
      expect(decoder.decode(member, -Infinity, Infinity, found.times, found.values, 0)).toBe(times.length);
      expect(found.times).toEqual(times);
      expect(Buffer.from(found.values.buffer).equals(Buffer.from(values.buffer))).toBe(true);
    }
  });
});
