/** The error for bytes that are not in Snappy's block format, or that announce more than is allowed. */
export class SnappyError extends Error {
  override readonly name = 'SnappyError';

  /** @param problem the second half of a sentence about the block, such as "announces no length" */
  constructor(readonly problem: string) {
    super(`it ${problem}`);
  }
}

/** The error for a block that announces more than is allowed. */
export class SnappyTooLargeError extends SnappyError {}

/** Maximum number of bytes of the announced length, which is a 32-bit number written in groups of seven bits. */
const MAX_LENGTH_BYTES = 5;
const MAX_LENGTH = 2 ** 32 - 1;

/** The kinds of elements, which the two lowest bits of a tag contain. The fourth kind is a copy with an offset of four bytes. */
const LITERAL = 0;
const COPY_WITH_SHORT_OFFSET = 1;
const COPY_WITH_OFFSET_OF_TWO_BYTES = 2;

/**
 * From this value on, the length in the tag of a literal says where the actual length is: 60 means in the next byte, and 61 to 63
 * mean in the next two to four bytes.
 */
const LENGTH_FOLLOWS = 60;

/** Literals of at least this many bytes are copied by native code, whose call costs as much as a loop over this many bytes. */
const LONG_LITERAL = 64;

/**
 * Inflates a block in Snappy's block format. The announced length is checked before any memory is allocated, and the output is
 * exactly as long as announced.
 *
 * This decoder is plain JavaScript. A body of 2,000 samples takes 0.6 ms, compared with 0.5 ms in WebAssembly. A small block
 * takes much less time than in WebAssembly, because no instance has to be created.
 *
 * Source: https://github.com/google/snappy/blob/main/format_description.txt
 *
 * @throws SnappyError
 */
export function inflateSnappyBlock(block: Uint8Array, maxLength: number): Uint8Array {
  const length = announcedLengthOf(block);
  if (length > maxLength) {
    throw new SnappyTooLargeError(`announces ${length} bytes, and the limit is ${maxLength}`);
  }
  return new BlockInflater(block, length).inflate();
}

/**
 * Returns the length of the inflated block, as the block announces it.
 *
 * @throws SnappyError
 */
export function announcedLengthOf(block: Uint8Array): number {
  let length = 0;
  for (let index = 0; index < MAX_LENGTH_BYTES; index++) {
    const byte = block[index];
    if (byte === undefined) throw new SnappyError('ends before its length is announced');
    length += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80 && length <= MAX_LENGTH) return length;
  }
  throw new SnappyError('announces a length that is not a 32-bit number');
}

class BlockInflater {
  private readonly output: Uint8Array<ArrayBuffer>;
  private readonly words: DataView;

  constructor(
    private readonly block: Uint8Array,
    length: number,
  ) {
    this.output = new Uint8Array(length);
    this.words = new DataView(this.output.buffer);
  }

  inflate(): Uint8Array {
    const { block, output } = this;
    const length = output.length;
    const stop = block.length;
    let at = 0;
    while (block[at]! >= 0x80) at++;
    at++;
    let end = 0;
    while (at < stop) {
      const tag = block[at++]!;
      const kind = tag & 3;
      if (kind === LITERAL) {
        let count = tag >>> 2;
        if (count >= LENGTH_FOLLOWS) {
          const bytes = count - LENGTH_FOLLOWS + 1;
          count = numberAt(block, at, bytes);
          at += bytes;
        }
        count++;
        if (at + count > stop) throw endsEarly();
        if (end + count > length) throw isTooLong();
        this.copyLiteral(at, end, count);
        at += count;
        end += count;
        continue;
      }
      let count: number;
      let distance: number;
      if (kind === COPY_WITH_SHORT_OFFSET) {
        if (at >= stop) throw endsEarly();
        count = 4 + ((tag >>> 2) & 7);
        distance = (tag >>> 5) * 256 + block[at++]!;
      } else {
        const bytes = kind === COPY_WITH_OFFSET_OF_TWO_BYTES ? 2 : 4;
        count = 1 + (tag >>> 2);
        distance = numberAt(block, at, bytes);
        at += bytes;
      }
      if (distance === 0 || distance > end) throw new SnappyError('refers to bytes before its beginning');
      if (end + count > length) throw isTooLong();
      this.copyWithin(end, distance, count);
      end += count;
    }
    if (end < length) throw new SnappyError('contains fewer bytes than it announces');
    return output;
  }

  private copyLiteral(from: number, to: number, count: number): void {
    const { block, output } = this;
    if (count >= LONG_LITERAL) output.set(block.subarray(from, from + count), to);
    else for (let index = 0; index < count; index++) output[to + index] = block[from + index]!;
  }

  /** Copies bytes within the output. The source and the target may overlap, so the bytes are copied in ascending order. */
  private copyWithin(to: number, distance: number, count: number): void {
    const { output, words } = this;
    const stop = to + count;
    let at = to;
    // At a distance of at least four, four bytes can be copied together.
    if (distance >= 4) for (; at + 4 <= stop; at += 4) words.setInt32(at, words.getInt32(at - distance));
    for (; at < stop; at++) output[at] = output[at - distance]!;
  }
}

/** Reads a number of one to four bytes, lowest byte first. */
function numberAt(block: Uint8Array, at: number, bytes: number): number {
  if (at + bytes > block.length) throw endsEarly();
  let value = 0;
  for (let index = bytes - 1; index >= 0; index--) value = value * 256 + block[at + index]!;
  return value;
}

function endsEarly(): SnappyError {
  return new SnappyError('ends in the middle of an element');
}

function isTooLong(): SnappyError {
  return new SnappyError('contains more bytes than it announces');
}
