import type { BitReader } from '../bits/bit-reader.js';
import type { BlockDirectory } from '../directory/block-directory.js';
import { type ColumnScale, readColumn } from '../columns/column-reader.js';
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
  private readonly scale: ColumnScale = { unit: 1, offset: 0 };

  /** @param startColumn verifies the checksum of a column of `packed`, and moves the reader to its first byte */
  constructor(
    private readonly directory: BlockDirectory,
    private readonly reader: BitReader,
    private readonly startColumn: (column: number) => void,
  ) {}

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
    if (base === vector) this.readAlone(vector, count, this.used);
    else {
      const baseAt = this.read(base);
      this.readPart(vector, count, baseAt, vectorCounts[base]!, this.used);
    }
    return this.keep(vector, count);
  }

  private keep(vector: number, count: number): number {
    const at = this.used;
    const { vectorFirsts, vectorLasts } = this.directory;
    if (this.kept[at] !== vectorFirsts[vector] || this.kept[at + count - 1] !== vectorLasts[vector]) {
      throw this.directory.damaged(`its vector of times ${vector} does not begin or end as its directory says`);
    }
    this.places[vector] = at;
    this.used += count;
    return at;
  }

  private readAlone(vector: number, count: number, at: number): void {
    this.startColumn(vector);
    const times = this.kept.subarray(at, at + count);
    readColumn(this.reader, count, times, this.scale);
    this.checkEnd();
    const { unit } = this.scale;
    const first = this.directory.vectorFirsts[vector]! + this.scale.offset;
    for (let index = 0; index < count; index++) times[index] = times[index]! * unit + first;
  }

  private readPart(vector: number, count: number, baseAt: number, baseCount: number, at: number): void {
    this.startColumn(vector);
    const way = this.reader.read(PRESENCE_BITS);
    if (way === BITMAP) this.readBitmap(vector, count, baseAt, baseCount, at);
    else if (way === MISSING) this.readMissing(vector, count, baseAt, baseCount, at);
    else if (way === PRESENT) this.readPresent(vector, count, baseAt, baseCount, at);
    else throw this.directory.damaged(`its vector of times ${vector} has an unknown form`);
    this.checkEnd();
  }

  private readBitmap(vector: number, count: number, baseAt: number, baseCount: number, at: number): void {
    const { kept } = this;
    const bits = this.presenceOf(baseCount);
    this.reader.readCodes(bits, 0, baseCount, 0, 1);
    let taken = 0;
    for (let place = 0; place < baseCount && taken < count; place++) {
      kept[at + taken] = kept[baseAt + place]!;
      taken += bits[place]!;
    }
    if (taken !== count) throw this.wrongPresence(vector);
  }

  private readMissing(vector: number, count: number, baseAt: number, baseCount: number, at: number): void {
    const { kept } = this;
    const missing = this.readPlaces(baseCount - count);
    let taken = 0;
    let place = 0;
    for (let index = 0; index <= baseCount - count; index++) {
      const next = index === baseCount - count ? baseCount : missing[index]!;
      if (!(next >= place && next <= baseCount) || taken + next - place > count) throw this.wrongPresence(vector);
      for (; place < next; place++) kept[at + taken++] = kept[baseAt + place]!;
      place++;
    }
    if (taken !== count) throw this.wrongPresence(vector);
  }

  private readPresent(vector: number, count: number, baseAt: number, baseCount: number, at: number): void {
    const { kept } = this;
    const present = this.readPlaces(count);
    for (let index = 0; index < count; index++) {
      const place = present[index]!;
      if (!(place >= 0 && place < baseCount)) throw this.wrongPresence(vector);
      kept[at + index] = kept[baseAt + place]!;
    }
  }

  private readPlaces(count: number): Float64Array {
    const places = this.presenceOf(count);
    readColumn(this.reader, count, places, this.scale);
    const { unit, offset } = this.scale;
    if (unit !== 1) for (let index = 0; index < count; index++) places[index] = places[index]! * unit + offset;
    return places;
  }

  private presenceOf(count: number): Float64Array {
    if (this.presence.length < count) this.presence = new Float64Array(count);
    return this.presence;
  }

  private checkEnd(): void {
    if (this.reader.left >= 8)
      throw this.directory.damaged('a vector of times has more bytes than its fields announce');
  }

  private wrongPresence(vector: number): Error {
    return this.directory.damaged(`its vector of times ${vector} takes times that its base does not have`);
  }

  private makeRoom(count: number): void {
    if (this.used + count > MAX_KEPT) this.clear();
    if (this.used + count <= this.kept.length) return;
    const { kept } = this;
    this.kept = new Float64Array(Math.max(this.used + count, 2 * kept.length));
    this.kept.set(kept);
  }
}
