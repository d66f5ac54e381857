import { readJsonNumber } from './json-number.js';

const COMMA = 0x2c;
const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const SPACE = 0x20;

const METRICS_KEY = Buffer.from('"metrics"');
const VALUE_KEY = Buffer.from('"value"');

/**
 * Scans the bytes of `{"metrics":[item,…]}` and guesses the end of each item and the position of the number in its `value`. The
 * bytes in between are not examined, because examining every byte in JavaScript costs more than `JSON.parse` of the whole body.
 *
 * A guess may be wrong, for example if a string contains `},{`, or if an object before the value has a number named `value`. A
 * guess therefore counts only if the same bytes, apart from the number, are already known to be an item. The methods return
 * false for anything unexpected.
 */
export class ItemScanner {
  /** The bytes of the item that was read last are [start, end), and the bytes of its number are [valueStart, valueEnd). */
  start = 0;
  end = 0;
  valueStart = 0;
  valueEnd = 0;
  value = NaN;

  private position = 0;
  /** True after the last item. */
  isDone = false;
  /**
   * The body with one character per byte. The JavaScript engine searches strings itself, whereas each search in a buffer is a
   * call to native code.
   */
  private readonly text: string;

  constructor(private readonly bytes: Buffer) {
    this.text = bytes.toString('latin1');
  }

  /** Skips `{"metrics":[`. */
  open(): boolean {
    return this.take(OPEN_BRACE) && this.takeKey(METRICS_KEY) && this.take(COLON) && this.take(OPEN_BRACKET);
  }

  /** Reads the next item, and the comma or closing brackets after it. */
  next(): boolean {
    this.start = this.afterSpaces(this.position);
    if (this.bytes[this.start] !== OPEN_BRACE || !this.findNumber() || !this.findEnd()) return false;
    if (this.bytes[this.position] === COMMA) {
      this.position++;
      return true;
    }
    this.isDone = this.take(CLOSE_BRACKET) && this.take(CLOSE_BRACE) && this.isAtEnd();
    return this.isDone;
  }

  /** Finds the first number after `"value":`. */
  private findNumber(): boolean {
    const { bytes, text } = this;
    // The search is for one character, which the engine finds fast. Searching for the whole key takes ten times as long.
    for (let letter = text.indexOf('v', this.start); letter >= 0; letter = text.indexOf('v', letter + 1)) {
      const key = letter - 1;
      if (!this.isAt(key, VALUE_KEY)) continue;
      const colon = this.afterSpaces(key + VALUE_KEY.length);
      if (bytes[colon] !== COLON) continue;
      const start = this.afterSpaces(colon + 1);
      const first = bytes[start]!;
      if (first !== MINUS && !(first >= ZERO && first <= NINE)) continue;
      let end = start + 1;
      for (; end < bytes.length; end++) {
        const byte = bytes[end]!;
        if (byte === COMMA || byte === CLOSE_BRACE || byte <= SPACE) break;
      }
      this.valueStart = start;
      this.valueEnd = end;
      this.value = readJsonNumber(bytes, start, end);
      return Number.isFinite(this.value);
    }
    return false;
  }

  /** Searches after the number for the first closing brace that is followed by another item or by the end of the list. */
  private findEnd(): boolean {
    const { bytes, text } = this;
    for (let brace = text.indexOf('}', this.valueEnd); brace >= 0; brace = text.indexOf('}', brace + 1)) {
      const following = this.afterSpaces(brace + 1);
      const byte = bytes[following];
      const isEnd = byte === CLOSE_BRACKET || (byte === COMMA && bytes[this.afterSpaces(following + 1)] === OPEN_BRACE);
      if (!isEnd) continue;
      this.end = brace + 1;
      this.position = following;
      return true;
    }
    return false;
  }

  private take(byte: number): boolean {
    this.position = this.afterSpaces(this.position);
    if (this.bytes[this.position] !== byte) return false;
    this.position++;
    return true;
  }

  private takeKey(key: Buffer): boolean {
    this.position = this.afterSpaces(this.position);
    if (!this.isAt(this.position, key)) return false;
    this.position += key.length;
    return true;
  }

  private isAt(position: number, expected: Buffer): boolean {
    for (let index = 0; index < expected.length; index++) {
      if (this.bytes[position + index] !== expected[index]) return false;
    }
    return true;
  }

  private isAtEnd(): boolean {
    return this.afterSpaces(this.position) === this.bytes.length;
  }

  /** Returns the position after any JSON white space: spaces, tabs, line feeds and carriage returns. */
  private afterSpaces(start: number): number {
    let position = start;
    for (; ; position++) {
      const byte = this.bytes[position];
      if (byte !== SPACE && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return position;
    }
  }
}
