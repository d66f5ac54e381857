import { readJsonNumber } from './json-number.js';

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const SPACE = 0x20;

const METRICS_KEY = Buffer.from('"metrics"');
const VALUE_KEY = Buffer.from('"value"');

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/**
 * Walks through the bytes of `{"metrics":[item,…]}` and finds each item and the number of its `value`, without making a
 * string or an object of anything.
 *
 * It is no JSON parser: what it takes for an item is only surely one if the same bytes, but for the number, have been
 * parsed before. It gives up, and says so by returning false, on everything unusual: a backslash anywhere, a second
 * `value`, other properties beside `metrics`.
 */
export class ItemScanner {
  /** Of the item that was read last: its bytes are [start, end), its number [valueStart, valueEnd). */
  start = 0;
  end = 0;
  valueStart = 0;
  valueEnd = 0;
  value = NaN;
  /** Of all bytes of the item but its number. 31 bits, so that it stays a small integer. */
  hash = 0;

  private position = 0;
  /** After the last item. */
  isDone = false;

  constructor(private readonly bytes: Buffer) {}

  /** Steps over `{"metrics":[`. */
  open(): boolean {
    return this.take(OPEN_BRACE) && this.takeKey(METRICS_KEY) && this.take(COLON) && this.take(OPEN_BRACKET);
  }

  /** Reads the next item, and what stands behind it. */
  next(): boolean {
    if (!this.readItem()) return false;
    if (this.take(COMMA)) return true;
    this.isDone = this.take(CLOSE_BRACKET) && this.take(CLOSE_BRACE) && this.isAtEnd();
    return this.isDone;
  }

  private readItem(): boolean {
    const { bytes } = this;
    this.skipSpaces();
    let position = this.position;
    if (bytes[position] !== OPEN_BRACE) return false;
    this.start = position;
    this.valueStart = -1;
    let hash = FNV_OFFSET;
    let depth = 0;
    for (; position < bytes.length; position++) {
      const byte = bytes[position]!;
      hash = Math.imul(hash ^ byte, FNV_PRIME);
      if (byte === QUOTE) {
        const keyStart = position;
        for (position++; position < bytes.length; position++) {
          const inside = bytes[position]!;
          hash = Math.imul(hash ^ inside, FNV_PRIME);
          if (inside === QUOTE) break;
          if (inside === BACKSLASH) return false;
        }
        if (depth === 1 && position - keyStart === VALUE_KEY.length - 1 && this.isAt(keyStart, VALUE_KEY)) {
          const numberStart = this.numberAfter(position + 1);
          if (numberStart < 0) continue;
          if (this.valueStart >= 0 || !this.readNumber(numberStart)) return false;
          for (position++; position < numberStart; position++) hash = Math.imul(hash ^ bytes[position]!, FNV_PRIME);
          position = this.valueEnd - 1;
        }
      } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
        depth++;
      } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
        depth--;
        if (depth === 0) break;
      }
    }
    this.end = position + 1;
    this.position = position + 1;
    this.hash = hash >>> 1;
    return depth === 0 && this.valueStart >= 0;
  }

  /** @returns where the value of a key begins whose closing quote is before `position`; -1 if it was no key */
  private numberAfter(position: number): number {
    const colon = this.afterSpaces(position);
    return this.bytes[colon] === COLON ? this.afterSpaces(colon + 1) : -1;
  }

  private readNumber(start: number): boolean {
    const { bytes } = this;
    let end = start;
    for (; end < bytes.length; end++) {
      const byte = bytes[end]!;
      if (byte === COMMA || byte === CLOSE_BRACE || byte <= SPACE) break;
    }
    this.valueStart = start;
    this.valueEnd = end;
    this.value = readJsonNumber(bytes, start, end);
    return Number.isFinite(this.value);
  }

  private take(byte: number): boolean {
    this.skipSpaces();
    if (this.bytes[this.position] !== byte) return false;
    this.position++;
    return true;
  }

  private takeKey(key: Buffer): boolean {
    this.skipSpaces();
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
    this.skipSpaces();
    return this.position === this.bytes.length;
  }

  private skipSpaces(): void {
    this.position = this.afterSpaces(this.position);
  }

  /** JSON's white space and nothing else: space, tab, line feed, carriage return. */
  private afterSpaces(start: number): number {
    let position = start;
    for (; ; position++) {
      const byte = this.bytes[position];
      if (byte !== SPACE && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return position;
    }
  }
}
