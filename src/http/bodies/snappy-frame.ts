/** Maximum number of bytes that one frame may contain after it was inflated. */
export const MAX_FRAME_BYTES = 65_536;

/** The error for bytes that are not in Snappy's framing format. */
export class SnappyFrameError extends Error {
  override readonly name = 'SnappyFrameError';
}

/**
 * Inflates the block of one frame. It is written in JavaScript, because the WebAssembly module that inflates larger blocks takes
 * longer to start than a frame takes to inflate, and a body may consist of half a million frames.
 *
 * Source: https://github.com/google/snappy/blob/main/format_description.txt
 *
 * @throws SnappyFrameError
 */
export function inflateFrame(block: Uint8Array): Uint8Array {
  let at = 0;
  const take = (count: number): number => {
    if (at + count > block.length) throw new SnappyFrameError('a frame ends in the middle of an element');
    let value = 0;
    for (let index = 0; index < count; index++) value += block[at++]! * 2 ** (8 * index);
    return value;
  };
  const output = new Uint8Array(readLength(take));
  let end = 0;
  const claim = (length: number) => {
    if (end + length > output.length) throw new SnappyFrameError('a frame contains more bytes than it announces');
  };
  while (at < block.length) {
    const tag = take(1);
    const kind = tag & 3;
    if (kind === 0) {
      const short = tag >>> 2;
      const length = 1 + (short < 60 ? short : take(short - 59));
      claim(length);
      if (at + length > block.length) throw new SnappyFrameError('a frame ends in the middle of an element');
      output.set(block.subarray(at, at + length), end);
      at += length;
      end += length;
      continue;
    }
    const length = kind === 1 ? 4 + ((tag >>> 2) & 7) : 1 + (tag >>> 2);
    const distance = kind === 1 ? (tag >>> 5) * 256 + take(1) : take(kind === 2 ? 2 : 4);
    if (distance === 0 || distance > end) throw new SnappyFrameError('a frame refers to bytes before its beginning');
    claim(length);
    // The copied bytes may overlap with those that they are copied from, so they are copied one by one.
    for (const stop = end + length; end < stop; end++) output[end] = output[end - distance]!;
  }
  if (end < output.length) throw new SnappyFrameError('a frame contains fewer bytes than it announces');
  return output;
}

/** Reads the announced length, and checks it before memory is allocated. */
function readLength(take: (count: number) => number): number {
  let length = 0;
  for (let shift = 0; shift <= 14; shift += 7) {
    const byte = take(1);
    length += (byte & 127) * 2 ** shift;
    if (byte < 128 && length <= MAX_FRAME_BYTES) return length;
  }
  throw new SnappyFrameError(`a frame announces more than ${MAX_FRAME_BYTES} bytes`);
}
