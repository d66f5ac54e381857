import { sampleText } from './go-number.js';

const MINUS = '-'.charCodeAt(0);
const POINT = '.'.charCodeAt(0);
const ZERO = '0'.charCodeAt(0);

/** Maximum length of a number that is written digit by digit: a sign, ten digits and a point. */
const SHORT_NUMBER_BYTES = 12;

/** Whole numbers below this fit into 32 bits, in which arithmetic is fastest. */
const SHORT_LIMIT = 2 ** 31;

const encoder = new TextEncoder();
const NONE = new Uint8Array(0);

/** Maximum length of an array that is kept for the next answer. Only parts of large answers need longer ones. */
const MAX_KEPT_BYTES = 1_048_576;

/** The array that the previous answer used. It is undefined while an answer uses it. */
let kept: Uint8Array | undefined;

/**
 * Writes JSON as UTF-8 into one array, so that a sample needs no text of its own. Answers use the same array one after the other. A
 * new one for each answer would grow several times, and its memory outside of the heap would keep the garbage collector busy.
 */
export class JsonBytes {
  private bytes = kept ?? new Uint8Array(4096);
  length = 0;

  constructor() {
    kept = undefined;
  }

  /** Ends the use of the array. Nothing may be written afterwards. */
  close(): void {
    if (this.bytes.length <= MAX_KEPT_BYTES) kept = this.bytes;
    this.bytes = NONE;
    this.length = 0;
  }

  /** Returns a copy of the bytes written so far, and discards them here. */
  take(): Uint8Array<ArrayBuffer> {
    const part = this.bytes.slice(0, this.length);
    this.length = 0;
    return part;
  }

  text(text: string): void {
    this.makeRoom(3 * text.length);
    this.length += encoder.encodeInto(text, this.bytes.subarray(this.length)).written;
  }

  /** Writes some of the given bytes. There are so few of them that a loop is faster than a copy by the engine. */
  copy(from: Uint8Array, start: number, end: number): void {
    this.makeRoom(end - start);
    const { bytes } = this;
    let { length } = this;
    for (let index = start; index < end; index++) bytes[length++] = from[index]!;
    this.length = length;
  }

  /** Writes the value of a sample as {@link sampleText} formats it. */
  sample(value: number): void {
    if ((value | 0) === value && (value !== 0 || 1 / value > 0)) {
      this.makeRoom(SHORT_NUMBER_BYTES);
      this.whole(this.sign(value));
      return;
    }
    // A decimal with at most 15 digits is the shortest text of the double that is nearest to it.
    const thousandths = Math.round(value * 1000);
    if (thousandths / 1000 !== value || Math.abs(thousandths) >= SHORT_LIMIT || thousandths === 0) {
      this.ascii(sampleText(value));
      return;
    }
    this.makeRoom(SHORT_NUMBER_BYTES);
    const size = this.sign(thousandths);
    const whole = Math.floor(size / 1000);
    this.whole(whole);
    this.bytes[this.length++] = POINT;
    let rest = size - whole * 1000;
    for (let unit = 100; rest > 0; unit /= 10) {
      const digit = Math.floor(rest / unit);
      this.bytes[this.length++] = ZERO + digit;
      rest -= digit * unit;
    }
  }

  /** Writes the sign of a number, and returns its absolute value. */
  private sign(value: number): number {
    if (value < 0) this.bytes[this.length++] = MINUS;
    return Math.abs(value);
  }

  private whole(value: number): void {
    let end = this.length + 1;
    for (let limit = 10; value >= limit; limit *= 10) end++;
    let rest = value;
    for (let place = end - 1; place >= this.length; place--) {
      const tens = Math.floor(rest / 10);
      this.bytes[place] = ZERO + rest - tens * 10;
      rest = tens;
    }
    this.length = end;
  }

  private ascii(text: string): void {
    this.makeRoom(text.length);
    for (let index = 0; index < text.length; index++) this.bytes[this.length++] = text.charCodeAt(index);
  }

  private makeRoom(count: number): void {
    if (this.length + count <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(2 * this.bytes.length, this.length + count));
    larger.set(this.bytes.subarray(0, this.length));
    this.bytes = larger;
  }
}
