import { BlockEncoder } from '../../archive/block/block-encoder.js';
import { giveBackDecoder, takeDecoder } from './idle-decoders.js';

/** Returns a block with one series. */
function blockOf(count: number) {
  const times = Float64Array.from({ length: count }, (_, index) => index * 1_000 + (index % 7));
  const encoded = new BlockEncoder().encode([{ member: 3, times, values: times, isDelta: false }]);
  return { ...encoded, bucket: 1, id: 2, packed: [{ from: 0, bytes: encoded.packed }] };
}

/** Returns all objects that an object holds, directly or through others. */
function reachableFrom(root: object): object[] {
  const found = new Set([root]);
  for (const each of found) {
    if (ArrayBuffer.isView(each)) continue;
    for (const value of Object.values(each)) if (typeof value === 'object' && value !== null) found.add(value);
  }
  return [...found];
}

it('lends a decoder again after it was given back', () => {
  const decoder = takeDecoder();
  const other = takeDecoder();
  expect(other).not.toBe(decoder);
  giveBackDecoder(decoder);
  expect(takeDecoder()).toBe(decoder);
});

it('keeps neither the block nor what was read from it', () => {
  const decoder = takeDecoder();
  const block = blockOf(10);
  decoder.open(block);
  decoder.decode(3, 0, Infinity, new Float64Array(10), new Float64Array(10), 0);
  giveBackDecoder(decoder);
  expect(takeDecoder().has(3)).toBe(false);
  expect(reachableFrom(decoder)).not.toContain(block.packed[0]!.bytes);
});

it('does not keep a decoder with the buffers of a long block', () => {
  const decoder = takeDecoder();
  decoder.open(blockOf(60_000));
  decoder.lastTimeBefore(3, 5);
  expect(decoder.bufferBytes).toBeGreaterThan(262_144);
  giveBackDecoder(decoder);
  expect(takeDecoder()).not.toBe(decoder);
});
