import { WIDTH_BITS } from '../format.js';

/**
 * Maximum length of the packed bytes. Up to this length, V8 can store a position in bits as a small integer. Larger numbers would
 * be slow.
 */
const MAX_BYTES = 2 ** 27;

/** Integers have at most this many bits, so that a double holds each of them exactly. */
const MAX_WIDTH = 53;

/**
 * Reads integers of any width, the most significant bit first. A read past the end of the column throws, so damaged fields can't
 * cause a read outside of the bytes.
 */
export class BitReader {
  private bytes: Uint8Array = new Uint8Array(0);
  /** A view of the bytes that are read. */
  view: DataView = new DataView(this.bytes.buffer);
  private bit = 0;
  private end = 0;
  /**
   * The last position from which eight bytes can be loaded. The fast loops, which load up to eight bytes for each code, stop
   * there.
   */
  private lastSafeBit = -1;

  /** @param damaged creates the error for damaged bytes, given a description of the damage */
  constructor(private readonly damaged: (damage: string) => Error) {}

  /** Starts to read at the byte `from`. The column ends before the byte `to`. */
  start(bytes: Uint8Array, from: number, to: number): void {
    if (bytes.length > MAX_BYTES) throw this.damaged(`it has ${bytes.length} packed bytes, more than ${MAX_BYTES}`);
    if (bytes !== this.bytes) {
      this.bytes = bytes;
      this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      this.lastSafeBit = (bytes.length - 8) * 8 + 7;
    }
    this.bit = from << 3;
    this.end = to << 3;
  }

  /** The number of remaining bits. */
  get left(): number {
    return this.end - this.bit;
  }

  /** Reads an unsigned integer. An integer of more than 53 bits, which occurs only in damaged bytes, is rounded. */
  read(width: number): number {
    const end = this.bit + width;
    if (end > this.end) throw this.pastEnd();
    const byte = this.bit >>> 3;
    if (width <= 25 && width > 0 && byte + 4 <= this.view.byteLength) {
      const short = (this.view.getUint32(byte) << (this.bit & 7)) >>> (32 - width);
      this.bit = end;
      return short;
    }
    let value = 0;
    for (let bit = this.bit; bit < end;) {
      const room = 8 - (bit & 7);
      const taken = Math.min(room, end - bit);
      value = value * 2 ** taken + ((this.bytes[bit >>> 3]! >>> (room - taken)) & (2 ** taken - 1));
      bit += taken;
    }
    this.bit = end;
    return value;
  }

  readSigned(): number {
    const width = this.read(WIDTH_BITS);
    if (width === 0) return 0;
    const isNegative = this.read(1) === 1;
    const magnitude = this.read(width);
    return isNegative ? -magnitude : magnitude;
  }

  skip(bits: number): void {
    if (this.bit + bits > this.end) throw this.pastEnd();
    this.bit += bits;
  }

  /** Reads codes of one width into `out[from]` up to, but not including, `out[to]`, and adds `low` to each. */
  readCodes(out: Float64Array, from: number, to: number, low: number, width: number): void {
    if (width === 0) {
      out.fill(low, from, to);
      return;
    }
    if (width > MAX_WIDTH) throw this.damaged(`a code of ${width} bits is wider than ${MAX_WIDTH}`);
    const first = this.bit;
    const { view } = this;
    if (first + (to - from) * width > this.end) throw this.pastEnd();
    const fastEnd = first + (to - from) * width <= this.lastSafeBit ? to : this.safeEnd(from, to, width);
    let bit = first;
    if (width <= 25) {
      const shift = 32 - width;
      for (let index = from; index < fastEnd; index++) {
        out[index] = low + ((view.getUint32(bit >>> 3) << (bit & 7)) >>> shift);
        bit += width;
      }
    } else if (width <= 32) {
      const shift = 32 - width;
      for (let index = from; index < fastEnd; index++) {
        out[index] = low + (word(view, bit) >>> shift);
        bit += width;
      }
    } else {
      const shift = 64 - width;
      const scale = 2 ** (width - 32);
      for (let index = from; index < fastEnd; index++) {
        const high = word(view, bit) >>> 0;
        out[index] = low + (high * scale + ((view.getUint32((bit >>> 3) + 4) << (bit & 7)) >>> shift));
        bit += width;
      }
    }
    this.bit = bit;
    for (let index = fastEnd; index < to; index++) out[index] = low + this.read(width);
  }

  /** Returns the index of the first code that is too near the end of the buffer for a fast loop, or `to` if there is none. */
  private safeEnd(from: number, to: number, width: number): number {
    const safe = this.lastSafeBit < this.bit ? 0 : Math.floor((this.lastSafeBit - this.bit) / width) + 1;
    return Math.min(to, from + safe);
  }

  private pastEnd(): Error {
    return this.damaged('it has fewer bits than its fields announce');
  }
}

/** Returns the 32 bits that start at a position. */
function word(view: DataView, bit: number): number {
  const byte = bit >>> 3;
  const shift = bit & 7;
  return (view.getUint32(byte) << shift) | (view.getUint8(byte + 4) >>> (8 - shift));
}
