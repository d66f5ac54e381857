import fc from 'fast-check';
import { snappyCompress } from 'hysnappy';
import { inflateSnappyBlock, SnappyError } from './snappy-block.js';

const LIMIT = 1024 * 1024;

/**
 * Decodes the format byte by byte, exactly as its description says, without any optimization. Returns null for malformed input.
 */
function referenceInflate(bytes: Uint8Array): number[] | null {
  let at = 0;
  const take = (count: number): number | null => {
    if (at + count > bytes.length) return null;
    let number = 0;
    for (let index = 0; index < count; index++) number += bytes[at + index]! * 256 ** index;
    at += count;
    return number;
  };
  let length = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = take(1);
    if (byte === null || shift > 28) return null;
    length += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) break;
  }
  const output: number[] = [];
  while (at < bytes.length) {
    const tag = take(1)!;
    const kind = tag & 3;
    if (kind === 0) {
      let count: number | null = tag >> 2;
      if (count >= 60) count = take(count - 59);
      if (count === null || at + count + 1 > bytes.length || output.length + count + 1 > length) return null;
      for (let index = 0; index <= count; index++) output.push(bytes[at++]!);
    } else {
      const low = take([1, 2, 4][kind - 1]!);
      if (low === null) return null;
      const offset = kind === 1 ? ((tag >> 5) << 8) + low : low;
      const count = kind === 1 ? ((tag >> 2) & 7) + 4 : (tag >> 2) + 1;
      if (offset === 0 || offset > output.length || output.length + count > length) return null;
      for (let index = 0; index < count; index++) output.push(output[output.length - offset]!);
    }
  }
  return output.length === length ? output : null;
}

function inflate(bytes: Uint8Array): number[] | null {
  try {
    return [...inflateSnappyBlock(bytes, LIMIT)];
  } catch (error) {
    expect(error).toBeInstanceOf(SnappyError);
    return null;
  }
}

const repetitive = fc
  .array(fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 12 }), fc.integer({ min: 1, max: 20 })), { maxLength: 12 })
  .map((parts) =>
    Uint8Array.from(parts.flatMap(([bytes, times]) => Array.from({ length: times }, () => [...bytes]).flat())),
  );

/**
 * Generates compressed text with some changed bytes. Most of the bytes are tags, lengths and offsets, because the texts are
 * short.
 */
const damaged = fc
  .tuple(
    repetitive,
    fc.array(fc.tuple(fc.nat(), fc.oneof(fc.nat(255), fc.constantFrom(0xf0, 0xf4, 0xf8, 0xfc, 0xff, 0, 1, 2, 3))), {
      maxLength: 3,
    }),
    fc.nat(4),
  )
  .map(([bytes, changes, cut]) => {
    const compressed = snappyCompress(bytes);
    for (const [at, byte] of changes) compressed[at % compressed.length] = byte;
    return cut === 0 ? compressed.subarray(0, compressed.length - 1) : compressed;
  });

/** Generates a short announced length, followed by random bytes. */
const invented = fc
  .tuple(fc.nat(64), fc.uint8Array({ maxLength: 40 }))
  .map(([length, rest]) => Uint8Array.of(length, ...rest));

describe('inflateSnappyBlock', () => {
  it('gives back what was compressed', () => {
    fc.assert(
      fc.property(repetitive, (bytes) => expect(inflate(snappyCompress(bytes))).toEqual([...bytes])),
      { numRuns: 500 },
    );
  });

  it('inflates valid blocks and refuses everything else', () => {
    const seen = { inflated: 0, refused: 0 };
    fc.assert(
      fc.property(fc.oneof(damaged, invented, fc.uint8Array({ maxLength: 12 })), (bytes) => {
        const expected = referenceInflate(bytes);
        seen[expected === null ? 'refused' : 'inflated']++;
        expect(inflate(bytes)).toEqual(expected);
      }),
      { numRuns: 2_000 },
    );
    expect(Math.min(seen.inflated, seen.refused)).toBeGreaterThan(100);
  });

  it.each([
    ['a literal whose length would be negative in 32 bits', '28fcfaffffff'],
    ['a literal of the maximum 32-bit length', '28fcffffffff'],
    ['a copy from before the beginning', '0401ff'],
    ['a copy with the offset 0', '040100'],
    ['more bytes than announced', '010c61626364'],
    ['fewer bytes than announced', '0a0c61626364'],
    ['only the announced length', '05'],
    ['an announced length without an end', 'ffffffffff01'],
    ['an announced length of more than 32 bits', 'ffffffff7f'],
    ['nothing at all', ''],
  ])('refuses %s', (_, hex) => {
    expect(() => inflateSnappyBlock(Buffer.from(hex, 'hex'), LIMIT)).toThrow(SnappyError);
  });

  it('refuses an announced length above the limit, whatever follows it', () => {
    expect(() => inflateSnappyBlock(Buffer.from('ffffffff0f', 'hex'), LIMIT)).toThrow(
      'it announces 4294967295 bytes, and the limit is 1048576',
    );
    const limit = snappyCompress(new Uint8Array(LIMIT));
    expect(inflateSnappyBlock(limit, LIMIT)).toHaveLength(LIMIT);
    expect(() => inflateSnappyBlock(snappyCompress(new Uint8Array(LIMIT + 1)), LIMIT)).toThrow(SnappyError);
  });
});
