import type { BitReader } from '../bits/bit-reader.js';
import type { BlockDirectory } from '../directory/block-directory.js';
import { readColumn } from '../columns/column-reader.js';
import { MAX_SAMPLES, PRESENCE_BITS, BITMAP, MISSING, PRESENT } from '../format.js';

/**
 * Maximum number of times that are kept for the next members of the block. It is enough for four of the longest vectors, which
 * take 2 MB.
 */
const MAX_KEPT = 4 * (MAX_SAMPLES + 1);

/** Reads the vectors of times of a block, each only once as long as they fit into {@link MAX_KEPT} times. */
export class TimeReader {
  /** The vectors that were read, one after the other. */
  kept = new Float64Array(4096);
  private used = 0;
  /** The start of each vector in `kept`, or -1. */
  private readonly places = new Int32Array(256).fill(-1);
  private presence = new Float64Array(0);

  /** @param startColumn verifies the checksum of a column of `packed`, and moves the reader to its first byte */
  constructor(
    private readonly directory: BlockDirectory,
    private readonly reader: BitReader,
    private readonly startColumn: (column: number) => void,
  ) {}

  get bufferBytes(): number {
    return this.kept.byteLength + this.presence.byteLength;
  }

  /** Forgets the vectors that were read, for a new block or because {@link kept} is full. */
  clear(): void {
    this.used = 0;
    this.places.fill(-1);
  }

  /**
   * Reads a vector, unless it is already in `kept`.
   *
   * @returns the index in `kept` at which it begins
   */
  read(vector: number): number {
    if (this.places[vector] !== -1) return this.places[vector]!;
    const { vectorCounts, vectorBases } = this.directory;
    const base = vectorBases[vector]!;
    const count = vectorCounts[vector]!;
    this.makeRoom(count + (base === vector ? 0 : vectorCounts[base]!));
    if (base !== vector) this.read(base);
    const at = this.used;
    this.decode(vector, this.kept, at);
    this.places[vector] = at;
    this.used += count;
    return at;
  }

  /** Reads a vector into an array of the caller. A vector that nothing else in the block uses is not kept. */
  readInto(vector: number, out: Float64Array, at: number): void {
    if (this.places[vector] === -1 && this.directory.vectorUses[vector] === 1) {
      this.decode(vector, out, at);
      return;
    }
    const start = this.read(vector);
    const end = start + this.directory.vectorCounts[vector]!;
    const { kept } = this;
    for (let index = start, target = at; index < end; index++, target++) out[target] = kept[index]!;
  }

  /** Decodes a vector, and checks its first and last time. */
  private decode(vector: number, out: Float64Array, at: number): void {
    const { vectorBases, vectorCounts, vectorFirsts, vectorLasts } = this.directory;
    const base = vectorBases[vector]!;
    const count = vectorCounts[vector]!;
    const baseAt = base === vector ? -1 : this.read(base);
    this.startColumn(vector);
    if (base === vector) readColumn(this.reader, count, out, at, vectorFirsts[vector]);
    else this.readPart(vector, baseAt, out, at);
    if (this.reader.left >= 8) {
      throw this.directory.damaged('a vector of times has more bytes than its fields announce');
    }
    if (out[at] !== vectorFirsts[vector] || out[at + count - 1] !== vectorLasts[vector]) {
      throw this.directory.damaged(`its vector of times ${vector} does not begin or end as its directory says`);
    }
  }

  private readPart(vector: number, baseAt: number, out: Float64Array, at: number): void {
    const { vectorBases, vectorCounts } = this.directory;
    const count = vectorCounts[vector]!;
    const baseCount = vectorCounts[vectorBases[vector]!]!;
    const way = this.reader.read(PRESENCE_BITS);
    let isPossible = false;
    if (way === BITMAP) isPossible = this.readBitmap(count, baseAt, baseCount, out, at);
    else if (way === MISSING) isPossible = this.readMissing(count, baseAt, baseCount, out, at);
    else if (way === PRESENT) isPossible = this.readPresent(count, baseAt, baseCount, out, at);
    else throw this.directory.damaged(`its vector of times ${vector} has an unknown form`);
    if (!isPossible) {
      throw this.directory.damaged(`its vector of times ${vector} takes times that its base does not have`);
    }
  }

  /** @returns whether the vector has as many times as its directory says, and its base has all of them */
  private readBitmap(count: number, baseAt: number, baseCount: number, out: Float64Array, at: number): boolean {
    const { kept } = this;
    const bits = this.presenceOf(baseCount);
    this.reader.readCodes(bits, 0, baseCount, 0, 1);
    let taken = 0;
    for (let place = 0; place < baseCount && taken < count; place++) {
      out[at + taken] = kept[baseAt + place]!;
      taken += bits[place]!;
    }
    return taken === count;
  }

  private readMissing(count: number, baseAt: number, baseCount: number, out: Float64Array, at: number): boolean {
    const { kept } = this;
    const missing = this.readPlaces(baseCount - count);
    let taken = 0;
    let place = 0;
    for (let index = 0; index <= baseCount - count; index++) {
      const next = index === baseCount - count ? baseCount : missing[index]!;
      if (!(next >= place && next <= baseCount) || taken + next - place > count) return false;
      for (; place < next; place++) out[at + taken++] = kept[baseAt + place]!;
      place++;
    }
    return taken === count;
  }

  private readPresent(count: number, baseAt: number, baseCount: number, out: Float64Array, at: number): boolean {
    const { kept } = this;
    const present = this.readPlaces(count);
    for (let index = 0; index < count; index++) {
      const place = present[index]!;
      if (!(place >= 0 && place < baseCount)) return false;
      out[at + index] = kept[baseAt + place]!;
    }
    return true;
  }

  private readPlaces(count: number): Float64Array {
    const places = this.presenceOf(count);
    readColumn(this.reader, count, places, 0);
    return places;
  }

  private presenceOf(count: number): Float64Array {
    if (this.presence.length < count) this.presence = new Float64Array(count);
    return this.presence;
  }

  private makeRoom(count: number): void {
    if (this.used + count > MAX_KEPT) this.clear();
    if (this.used + count <= this.kept.length) return;
    const { kept } = this;
    this.kept = new Float64Array(Math.max(this.used + count, 2 * kept.length));
    this.kept.set(kept);
  }
}
