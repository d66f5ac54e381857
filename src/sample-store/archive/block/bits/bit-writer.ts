import { WIDTH_BITS } from '../format.js';
/** Returns the number of bits that an integer from 0 to 2^53 - 1 needs; 0 needs none. */
export function bitWidth(value: number): number {
  return value < 2 ** 32 ? 32 - Math.clz32(value) : 64 - Math.clz32(value / 2 ** 32);
}

/** Returns the number of bits that {@link BitWriter.writeSigned} takes. */
export function signedBits(value: number): number {
  return value === 0 ? WIDTH_BITS : WIDTH_BITS + 1 + bitWidth(Math.abs(value));
}

/** Writes integers of any width into a growing buffer, the most significant bit first. */
export class BitWriter {
  /** All bits from the current position on are 0, because bits are added with OR. */
  private bytes = new Uint8Array(1 << 16);
  private view = new DataView(this.bytes.buffer);
  private bit = 0;

  get byteLength(): number {
    return (this.bit + 7) >>> 3;
  }

  clear(): void {
    this.bytes.fill(0, 0, this.byteLength);
    this.bit = 0;
  }

  /** Skips the bits up to the next byte boundary. They remain 0. */
  align(): void {
    this.bit = this.byteLength << 3;
  }

  /** Makes room for this number of bits. {@link write} does not check whether there is room. */
  reserve(bits: number): void {
    // A write accesses four bytes, beginning with the byte of its first bit.
    const needed = ((this.bit + bits) >>> 3) + 8;
    if (needed <= this.bytes.length) return;
    const { bytes } = this;
    this.bytes = new Uint8Array(Math.max(needed, 2 * bytes.length));
    this.bytes.set(bytes);
    this.view = new DataView(this.bytes.buffer);
  }

  /** Writes an unsigned integer of up to 53 bits. */
  write(value: number, width: number): void {
    let rest = value;
    let restWidth = width;
    if (width > 24) {
      const high = Math.floor(value / 2 ** 24);
      this.write(high, width - 24);
      rest = value - high * 2 ** 24;
      restWidth = 24;
    }
    const byte = this.bit >>> 3;
    this.view.setUint32(byte, this.view.getUint32(byte) | (rest << (32 - restWidth - (this.bit & 7))));
    this.bit += restWidth;
  }

  /** Writes an unsigned integer after six bits with its width. */
  writeUnsigned(value: number): void {
    const width = bitWidth(value);
    this.write(width, WIDTH_BITS);
    this.write(value, width);
  }

  /** Writes six bits with the width of the magnitude, the sign (1 is negative) unless the width is 0, and the magnitude. */
  writeSigned(value: number): void {
    const magnitude = Math.abs(value);
    const width = bitWidth(magnitude);
    this.write(width, WIDTH_BITS);
    if (width === 0) return;
    this.write(value < 0 ? 1 : 0, 1);
    this.write(magnitude, width);
  }

  /** Writes `integers[i] - low` for each index of a range, each in `width` bits. */
  writeCodes(integers: Float64Array, from: number, to: number, low: number, width: number): void {
    if (width === 0) return;
    if (width > 24) {
      for (let index = from; index < to; index++) this.write(integers[index]! - low, width);
      return;
    }
    const { view } = this;
    let { bit } = this;
    for (let index = from; index < to; index++) {
      const byte = bit >>> 3;
      view.setUint32(byte, view.getUint32(byte) | ((integers[index]! - low) << (32 - width - (bit & 7))));
      bit += width;
    }
    this.bit = bit;
  }

  /** Returns a copy of the written bytes. */
  toBytes(): Uint8Array {
    return this.bytes.slice(0, this.byteLength);
  }

  /** The buffer, which begins with the written bytes. It is valid until the next write. */
  get written(): Uint8Array {
    return this.bytes;
  }
}
