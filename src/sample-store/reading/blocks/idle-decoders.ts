import { BlockDecoder } from '../../archive/block/block-decoder.js';

/** Maximum number of decoders that wait for the next read. */
const MAX_IDLE = 16;

/** A decoder whose buffers have grown beyond this size for a long block is not kept. */
const MAX_BUFFER_BYTES = 262_144;

const idle: BlockDecoder[] = [];

/**
 * Returns a decoder that nobody else uses until it is given back. A new decoder allocates 60 KB outside of the heap, and a small
 * query needs several, which kept the garbage collector busy.
 */
export function takeDecoder(): BlockDecoder {
  return idle.pop() ?? new BlockDecoder();
}

/** Gives back a decoder, which the caller must not use again. */
export function giveBackDecoder(decoder: BlockDecoder): void {
  decoder.close();
  if (idle.length < MAX_IDLE && decoder.bufferBytes <= MAX_BUFFER_BYTES) idle.push(decoder);
}
