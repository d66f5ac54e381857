import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../scheduling/units-of-time.js';

/** Number of bytes of a CSV that are collected before they are sent. */
const CHUNK_BYTES = 64 * 1024;

/** A number or a time takes fewer bytes than this. */
const FIELD_BYTES = 32;

/** Integers below this have at most 15 digits. No two different decimals with so few digits are the same double. */
const MAX_DECIMAL = 1e15;

/** Numbers with up to three decimals are written digit by digit, which takes a tenth of the time that `String` takes. */
const SCALES = [10, 100, 1_000];

/** Numbers are written in parts of this size, because arithmetic with small integers is faster. */
const PART_DIGITS = 8;
const PART = 10 ** PART_DIGITS;

const ZERO = 48;
const MINUS = 45;
const COLON = 58;
const POINT = 46;
const ZULU = 90;

/** The length of the beginning of a time, such as `2026-11-30T`. Years beyond 9999 are longer. */
const DATE_LENGTH = 11;

/**
 * Collects the rows of a CSV as bytes. Concatenating strings and encoding them takes several times as long, and an export can
 * have millions of rows.
 */
export class CsvRows {
  private bytes = Buffer.allocUnsafe(CHUNK_BYTES + 1024);
  private end = 0;
  /** The day of the time that was written last, in days since the epoch. Times of that day begin with the text `date`. */
  private day = NaN;
  private date = '';

  /** @param decimalMark the character between the integer part and the decimals of a number */
  constructor(private readonly decimalMark: ',' | '.') {}

  get isEmpty(): boolean {
    return this.end === 0;
  }

  get isFull(): boolean {
    return this.end >= CHUNK_BYTES;
  }

  /** Returns the bytes that were written so far, and begins again with none. */
  take(): Uint8Array<ArrayBuffer> {
    const taken = this.bytes.subarray(0, this.end);
    this.bytes = Buffer.allocUnsafe(CHUNK_BYTES + 1024);
    this.end = 0;
    return taken;
  }

  /** Writes bytes that are already encoded. */
  encoded(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    if (bytes.length > FIELD_BYTES) this.bytes.set(bytes, this.end);
    else for (let index = 0; index < bytes.length; index++) this.bytes[this.end + index] = bytes[index]!;
    this.end += bytes.length;
  }

  text(text: string): void {
    this.encoded(Buffer.from(text));
  }

  /** Writes a number so that it is read back bit for bit; NaN becomes an empty field. */
  number(value: number): void {
    if (Number.isNaN(value)) return;
    this.reserve(FIELD_BYTES);
    if (value < 0 || Object.is(value, -0)) this.bytes[this.end++] = MINUS;
    const size = Math.abs(value);
    if (size < MAX_DECIMAL) {
      if (Number.isInteger(size)) {
        this.digits(size);
        return;
      }
      for (const [index, scale] of SCALES.entries()) {
        const scaled = Math.round(size * scale);
        // The quotient of two integers is the double nearest to the decimal, and there is no shorter decimal for that double.
        if (scaled / scale !== size || scaled >= MAX_DECIMAL) continue;
        const whole = Math.floor(size);
        this.digits(whole);
        this.bytes[this.end++] = this.decimalMark.charCodeAt(0);
        this.padded(scaled - whole * scale, index + 1);
        return;
      }
    }
    this.ascii(this.decimalMark === '.' ? String(size) : String(size).replace('.', this.decimalMark));
  }

  /** Writes a time in RFC 3339 and UTC. */
  time(at: number): void {
    const day = Math.floor(at / DAY_MS);
    if (day !== this.day) {
      this.day = day;
      this.date = new Date(day * DAY_MS).toISOString().slice(0, -'00:00:00.000Z'.length);
    }
    if (this.date.length !== DATE_LENGTH) {
      this.text(new Date(at).toISOString());
      return;
    }
    this.reserve(FIELD_BYTES);
    this.ascii(this.date);
    let rest = at - day * DAY_MS;
    const hour = Math.floor(rest / HOUR_MS);
    rest -= hour * HOUR_MS;
    const minute = Math.floor(rest / MINUTE_MS);
    rest -= minute * MINUTE_MS;
    const second = Math.floor(rest / 1_000);
    this.padded(hour, 2);
    this.bytes[this.end++] = COLON;
    this.padded(minute, 2);
    this.bytes[this.end++] = COLON;
    this.padded(second, 2);
    this.bytes[this.end++] = POINT;
    this.padded(rest - second * 1_000, 3);
    this.bytes[this.end++] = ZULU;
  }

  /** Writes the digits of an integer of up to 15 digits. The caller has reserved room for them. */
  private digits(integer: number): void {
    if (integer < PART) {
      let length = 1;
      for (let limit = 10; integer >= limit; limit *= 10) length++;
      this.padded(integer, length);
      return;
    }
    const high = Math.floor(integer / PART);
    this.digits(high);
    this.padded(integer - high * PART, PART_DIGITS);
  }

  /** Writes an integer of up to 8 digits with leading zeros, up to the given length. The caller has reserved room for it. */
  private padded(integer: number, length: number): void {
    const { bytes, end } = this;
    let left = integer | 0;
    for (let place = end + length - 1; place >= end; place--) {
      const rest = (left / 10) | 0;
      bytes[place] = ZERO + left - rest * 10;
      left = rest;
    }
    this.end = end + length;
  }

  private ascii(text: string): void {
    const { bytes, end } = this;
    for (let index = 0; index < text.length; index++) bytes[end + index] = text.charCodeAt(index);
    this.end = end + text.length;
  }

  private reserve(length: number): void {
    if (this.end + length <= this.bytes.length) return;
    const { bytes } = this;
    this.bytes = Buffer.allocUnsafe(Math.max(this.end + length, 2 * bytes.length));
    this.bytes.set(bytes.subarray(0, this.end));
  }
}
