/**
 * The factor at which the reading of a varint stops. The bytes that are read until then have at most 49 bits, which a double
 * represents exactly.
 */
const EXACT_FACTOR = 2 ** 49;

/** The bytes of protobuf messages, and the position after the value that was read last. */
export class MessageBytes {
  readonly view: DataView;
  position = 0;

  constructor(readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /**
   * Reads a varint that ends at `end` or before.
   *
   * @returns -1 if it ends later, or has more than 49 bits
   */
  varint(at: number, end: number): number {
    let value = 0;
    let position = at;
    for (let factor = 1; factor < EXACT_FACTOR && position < end; factor *= 128) {
      const byte = this.bytes[position++]!;
      if (byte < 128) {
        this.position = position;
        return value + byte * factor;
      }
      value += (byte & 127) * factor;
    }
    return -1;
  }

  /**
   * Reads the length of bytes or of a message. Afterwards, the position is at their beginning.
   *
   * @returns their end, or -1 if it is after `end`
   */
  endOfBytes(at: number, end: number): number {
    const length = this.varint(at, end);
    const bytesEnd = this.position + length;
    return length < 0 || bytesEnd > end ? -1 : bytesEnd;
  }
}
