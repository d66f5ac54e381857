import { snappyUncompress } from 'hysnappy';

/** The error for bytes that are not in Snappy's block format, or that announce more than is allowed. */
export class SnappyError extends Error {
  override readonly name = 'SnappyError';
}

/** The error for a block that announces more than is allowed. */
export class SnappyTooLargeError extends SnappyError {}

/** Maximum size of the announced length, which is a 32-bit number in groups of seven bits. */
const MAX_LENGTH_BYTES = 5;
const MAX_LENGTH = 2 ** 32 - 1;

/**
 * Inflates a block in Snappy's block format. The announced length is checked before any memory is allocated, and the output is
 * exactly as long as announced.
 *
 * Each call has its own WebAssembly instance, because malformed bytes may leave an instance in a state that must not affect the
 * next request. Its memory is freed when the call ends.
 *
 * Source: https://github.com/google/snappy/blob/main/format_description.txt
 *
 * @throws SnappyError
 */
export function inflateSnappyBlock(bytes: Uint8Array, maxLength: number): Uint8Array {
  const length = announcedLengthOf(bytes);
  if (length > maxLength) {
    throw new SnappyTooLargeError(`it announces ${length} bytes, and the limit is ${maxLength}`);
  }
  try {
    return snappyUncompress(bytes, length);
  } catch (error) {
    throw new SnappyError(error instanceof Error ? error.message : String(error));
  }
}

/**
 * Returns the length of the inflated block, as the block announces it.
 *
 * @throws SnappyError
 */
export function announcedLengthOf(bytes: Uint8Array): number {
  let length = 0;
  for (let index = 0; index < MAX_LENGTH_BYTES; index++) {
    const byte = bytes[index];
    if (byte === undefined) throw new SnappyError('it ends before its length is announced');
    length += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80 && length <= MAX_LENGTH) return length;
  }
  throw new SnappyError('the announced length is not a 32-bit number');
}
