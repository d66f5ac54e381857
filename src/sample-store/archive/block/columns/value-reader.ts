import type { BitReader } from '../bits/bit-reader.js';
import { readColumn } from './column-reader.js';
import { joinWords, wordsOf } from '../bits/double-words.js';
import { HIGHEST_POWER_OF_TWO, LOWEST_POWER_OF_TWO, POWERS_OF_TEN, powerOfTwo } from '../bits/powers.js';
import { DECIMAL, BINARY, SUM, TEN_BITS, MODE_BITS, PATCH_COUNT_BITS } from '../format.js';

/**
 * Reads the values of a member. A complete column of decimals or binaries goes straight into the caller's array. Other columns need
 * buffers, which grow to the length of the longest column so far.
 */
export class ValueReader {
  private integers = new Float64Array(1024);
  private others = new Float64Array(1024);
  private patchCount = 0;
  private patchPlaces = new Float64Array(16);
  private patchHighs = new Float64Array(16);
  private patchLows = new Float64Array(16);

  /** @param damaged creates the error for fields that no encoder writes */
  constructor(
    private readonly reader: BitReader,
    private readonly damaged: (damage: string) => Error,
  ) {}

  get bufferBytes(): number {
    return 2 * this.integers.byteLength + 3 * this.patchPlaces.byteLength;
  }

  /** Reads the values from `first` up to, but not including, `end` into `out`, starting at `at`. */
  read(count: number, first: number, end: number, out: Float64Array, at: number): void {
    const { reader } = this;
    const mode = reader.read(MODE_BITS);
    this.patchCount = 0;
    if (reader.read(1) === 1) this.readPatches(count);
    if (mode === DECIMAL) this.readDecimals(count, first, end, out, at);
    else if (mode === BINARY) this.readBinaries(count, first, end, out, at);
    else if (mode === SUM) this.readSums(count, first, end, out, at);
    else this.readRaw(count, first, end, out, at);
    if (reader.left >= 8) throw this.damaged('a column has more bytes than its fields announce');
    if (this.patchCount > 0) this.applyPatches(count, first, end, out, at);
  }

  private readDecimals(count: number, first: number, end: number, out: Float64Array, at: number): void {
    const power = this.readPowerOfTen();
    this.readIntegers(count, first, end, out, at);
    const to = at + end - first;
    if (power !== 1) for (let index = at; index < to; index++) out[index] = out[index]! / power;
  }

  private readBinaries(count: number, first: number, end: number, out: Float64Array, at: number): void {
    const power = this.readPowerOfTwo();
    this.readIntegers(count, first, end, out, at);
    const to = at + end - first;
    for (let index = at; index < to; index++) out[index] = out[index]! * power;
  }

  /** Reads a part of a column of integers into `out`, and writes nothing beside it. */
  private readIntegers(count: number, first: number, end: number, out: Float64Array, at: number): void {
    if (first === 0 && end === count) {
      readColumn(this.reader, count, out, at);
      return;
    }
    this.makeRoom(count);
    const { integers } = this;
    readColumn(this.reader, count, integers, 0, 0, first, end);
    for (let index = first, target = at; index < end; index++, target++) out[target] = integers[index]!;
  }

  private readSums(count: number, first: number, end: number, out: Float64Array, at: number): void {
    const power = this.readPowerOfTen();
    const otherPower = this.readPowerOfTwo();
    this.readPairs(count, first, end);
    const { integers, others } = this;
    const shift = at - first;
    for (let index = first; index < end; index++) {
      out[index + shift] = integers[index]! / power + others[index]! * otherPower;
    }
  }

  private readRaw(count: number, first: number, end: number, out: Float64Array, at: number): void {
    this.readPairs(count, first, end);
    const { integers, others } = this;
    const words = wordsOf(out);
    const shift = at - first;
    for (let index = first; index < end; index++) joinWords(words, index + shift, integers[index]!, others[index]!);
  }

  /** Reads parts of two columns of integers into the buffers. */
  private readPairs(count: number, first: number, end: number): void {
    this.makeRoom(count);
    readColumn(this.reader, count, this.integers, 0, 0, first, end);
    readColumn(this.reader, count, this.others, 0, 0, first, end);
  }

  private makeRoom(count: number): void {
    if (this.integers.length >= count) return;
    this.integers = new Float64Array(count);
    this.others = new Float64Array(count);
  }

  private readPowerOfTen(): number {
    const ten = this.reader.read(TEN_BITS);
    if (ten >= POWERS_OF_TEN.length) throw this.damaged(`10^${ten} is not a power of ten that it may have`);
    return POWERS_OF_TEN[ten]!;
  }

  private readPowerOfTwo(): number {
    const two = this.reader.readSigned();
    if (two < LOWEST_POWER_OF_TWO || two > HIGHEST_POWER_OF_TWO) throw this.damaged(`2^${two} is not a double`);
    return powerOfTwo(two);
  }

  private readPatches(count: number): void {
    const { reader } = this;
    this.patchCount = reader.read(PATCH_COUNT_BITS);
    if (this.patchCount > count) throw this.damaged(`${this.patchCount} of ${count} values are patched`);
    if (this.patchPlaces.length < this.patchCount) {
      this.patchPlaces = new Float64Array(this.patchCount);
      this.patchHighs = new Float64Array(this.patchCount);
      this.patchLows = new Float64Array(this.patchCount);
    }
    readColumn(reader, this.patchCount, this.patchPlaces, 0);
    readColumn(reader, this.patchCount, this.patchHighs, 0);
    readColumn(reader, this.patchCount, this.patchLows, 0);
  }

  private applyPatches(count: number, first: number, end: number, out: Float64Array, at: number): void {
    const words = wordsOf(out);
    for (let patch = 0; patch < this.patchCount; patch++) {
      const place = this.patchPlaces[patch]!;
      if (!(place >= 0 && place < count)) throw this.damaged(`value ${place} of ${count} is patched`);
      if (place < first || place >= end) continue;
      joinWords(words, place - first + at, this.patchHighs[patch]!, this.patchLows[patch]!);
    }
  }
}
