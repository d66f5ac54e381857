import type { Reader } from 'protobufjs/minimal.js';

/**
 * Reads the length of a nested message or a byte field, and returns the position of its end.
 *
 * @throws RangeError if that position is after the end of the body
 */
export function endOf(reader: Reader): number {
  const length = reader.uint32();
  const end = reader.pos + length;
  if (end > reader.len) throw new RangeError('it ends in the middle of a message');
  return end;
}

/** Calls `read` for each field of the message that ends at `end`. Each call must consume the value of the field. */
export function eachField(reader: Reader, end: number, read: (field: number, wireType: number) => unknown): void {
  while (reader.pos < end) {
    const tag = reader.uint32();
    read(tag >>> 3, tag & 7);
  }
}
