import { randomSamples } from '../../../../test/support/random-blocks.js';
import { SeededRandom } from '../../../../test/support/seeded-random.js';
import type { EncodedBlock } from './block-bytes.js';
import { BlockDecoder } from './block-decoder.js';
import { BlockEncoder } from './block-encoder.js';
import { directoryChecksum } from './directory/directory-checksum.js';
import { crc16 } from './bits/crc16.js';
import { DamagedBlockError } from './damaged-block-error.js';

const RUNS = Number(process.env.BLOCK_FUZZ_RUNS ?? 30);
const SEED = Number(process.env.BLOCK_FUZZ_SEED ?? 1);
const MAX_SAMPLES = 65_535;

const encoder = new BlockEncoder();
const decoder = new BlockDecoder();
const times = new Float64Array(MAX_SAMPLES);
const values = new Float64Array(MAX_SAMPLES);
const range = new Float64Array(MAX_SAMPLES);

type Bytes = Pick<EncodedBlock, 'startAt' | 'members' | 'directory' | 'packed'>;

/** Decodes every member, whole and in part. @returns the number of samples */
function decodeAll({ startAt, members, directory, packed }: Bytes): number {
  decoder.open({ bucket: 3, id: 17, startAt, members, directory, packed: [{ from: 0, bytes: packed }] });
  let samples = 0;
  for (let member = 0; member < 64; member++) {
    const count = decoder.decode(member, -Infinity, Infinity, times, values, 0);
    samples += count;
    if (count > 0) decoder.decode(member, times[count >> 1]!, times[(3 * count) >> 2]!, range, values, 0);
  }
  return samples;
}

/** Expects that bytes are either read, or refused by an error that names the block. @returns whether they are read */
function isRead(bytes: Bytes): boolean {
  try {
    decodeAll(bytes);
    return true;
  } catch (error) {
    if (error instanceof DamagedBlockError && error.message.startsWith('Block 17 of bucket 3 is damaged: '))
      return false;
    throw error;
  }
}

function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  const changed = bytes.slice();
  changed[bit >>> 3]! ^= 128 >>> (bit & 7);
  return changed;
}

function smallBlock(random: SeededRandom): EncodedBlock {
  return encoder.encode(randomSamples(random, random.pick([1, 3, 10, 40])).slice(0, random.pick([1, 2, 2, 5, 64])));
}

/** Expects that bytes are refused. `expect` itself would take most of the time of the test. */
function expectRefused(bytes: Bytes): void {
  if (isRead(bytes)) throw new Error('The decoder reads damaged bytes.');
}

/** Yields blocks of random samples. Random samples from which no block can be made are skipped. */
function* blocks(): Generator<[EncodedBlock, SeededRandom]> {
  for (let run = 0; run < RUNS; run++) {
    const random = new SeededRandom(SEED * 7_000_003 + run);
    try {
      yield [smallBlock(random), random];
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
  }
}

/** Corrects all checksums, so that only the fields are damaged. */
function withChecksums(bytes: Bytes): Bytes {
  const directory = Buffer.from(bytes.directory);
  if (directory.length < 4) return bytes;
  const hasBases = (directory[0]! & 4) !== 0;
  const endBytes = (directory[0]! & 3) + 1;
  const vectors = directory[1]!;
  let end = 0;
  let at = 2;
  for (let column = 0; at + 2 <= directory.length - 2; column++) {
    const isVector = column < vectors;
    if (isVector) at += (hasBases ? 1 : 0) + 10;
    else if (vectors > 1) at += 1;
    if (at + endBytes + 2 > directory.length - 2) break;
    const from = end;
    end = directory.readUIntBE(at, endBytes);
    at += endBytes;
    if (end <= bytes.packed.length) directory.writeUInt16BE(crc16(bytes.packed, from, end), at);
    at += 2;
  }
  directory.writeUInt16BE(directoryChecksum(bytes.members, directory), directory.length - 2);
  return { ...bytes, directory };
}

describe('a damaged block', () => {
  it('is refused, whichever bit is wrong', () => {
    for (const [block] of blocks()) {
      if (block.packed.length > 150) continue;
      expect(isRead(block)).toBe(true);
      for (let bit = 0; bit < 8 * block.directory.length; bit++) {
        expectRefused({ ...block, directory: flipped(block.directory, bit) });
      }
      for (let bit = 0; bit < 8 * block.packed.length; bit++) {
        expectRefused({ ...block, packed: flipped(block.packed, bit) });
      }
      for (let bit = 0; bit < 32; bit++) {
        const { high, low } = block.members;
        expectRefused({ ...block, members: { high, low: (low ^ (1 << bit)) >>> 0 } });
        expectRefused({ ...block, members: { high: (high ^ (1 << bit)) >>> 0, low } });
      }
    }
  });

  it('is refused if its end is missing, or something comes after it in the directory', () => {
    for (const [block] of blocks()) {
      for (let length = 0; length < block.directory.length; length++) {
        expectRefused({ ...block, directory: block.directory.subarray(0, length) });
      }
      for (let length = 0; length < Math.min(50, block.packed.length); length++) {
        expectRefused({ ...block, packed: block.packed.subarray(0, length) });
      }
      expectRefused({ ...block, directory: Buffer.concat([block.directory, Buffer.alloc(1)]) });
    }
  });

  it('still gives the members whose bytes are whole', () => {
    const column = Float64Array.of(1, 2, 3);
    const block = encoder.encode(
      [0, 1, 2].map((member) => ({ member, times: column, values: column, isDelta: false })),
    );
    const packed = flipped(block.packed, 8 * block.packed.length - 1);
    decoder.open({ ...block, bucket: 3, id: 17, packed: [{ from: 0, bytes: packed }] });
    expect(decoder.decode(0, 0, 9, times, values, 0)).toBe(3);
    expect(decoder.decode(1, 0, 9, times, values, 0)).toBe(3);
    expect(() => decoder.decode(2, 0, 9, times, values, 0)).toThrow(DamagedBlockError);
  });

  it('gives an error or some samples, whatever its fields say with right checksums', () => {
    let read = 0;
    for (const [block, random] of blocks()) {
      for (let attempt = 0; attempt < 30; attempt++) {
        const directory = block.directory.slice();
        const packed = block.packed.slice();
        for (let flips = random.integer(1, 4); flips > 0; flips--) {
          const target = random.isTrue(0.3) || packed.length === 0 ? directory : packed;
          target[random.integer(0, target.length - 1)] = random.integer(0, 255);
        }
        if (isRead(withChecksums({ ...block, directory, packed }))) read++;
      }
    }
    expect(read).toBeGreaterThan(0);
  });

  it('gives an error for random bytes', () => {
    const random = new SeededRandom(SEED);
    for (let run = 0; run < 20 * RUNS; run++) {
      const bytes = (length: number) => Uint8Array.from({ length }, () => random.integer(0, 255));
      const directory = bytes(random.integer(0, 60));
      const packed = bytes(random.integer(0, 100));
      const members = { high: random.pick([0, 0, 0xffff_ffff]), low: random.pick([1, 2, 7, 0xffff_ffff]) };
      isRead({ startAt: 0, members, directory, packed });
      isRead(withChecksums({ startAt: 0, members, directory, packed }));
    }
  });
});
