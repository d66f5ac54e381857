import { BitReader } from './bits/bit-reader.js';
import { type BlockBytes, NO_BLOCK } from './block-bytes.js';
import { BlockDirectory } from './directory/block-directory.js';
import { crc16 } from './bits/crc16.js';
import { TimeReader } from './times/time-reader.js';
import { ValueReader } from './columns/value-reader.js';

/** A half-open range of bytes of `packed`. */
export interface ByteRange {
  readonly from: number;
  readonly to: number;
}

/**
 * Reads blocks, one after the other. Only the requested members are decoded, into arrays of the caller, and no memory is
 * allocated per sample. The decoder needs only the bytes of the row, so it can run in a worker to which they were transferred.
 *
 * Every method except `open` refers to the block that was opened last. A method throws a {@link DamagedBlockError} if it reads
 * bytes that the encoder can't have written.
 */
export class BlockDecoder {
  private readonly directory = new BlockDirectory();
  private readonly damaged = (damage: string) => this.directory.damaged(damage);
  private readonly reader = new BitReader(this.damaged);
  private readonly times = new TimeReader(this.directory, this.reader, (column) => this.startColumn(column));
  private readonly values = new ValueReader(this.reader, this.damaged);
  private block = NO_BLOCK;
  /** The place of the member whose samples were found last, and the indexes of the first of them and after the last one. */
  private foundPlace = 0;
  private foundFirst = 0;
  private foundEnd = 0;
  /** The last search. Its result is also that of the next member if that one has the same times, as most members of a block do. */
  private readonly lastSearch = { vector: -1, from: NaN, to: NaN, first: 0, end: 0 };

  /** Reads the directory of a block. The packed bytes of the block may be missing as long as nothing is decoded. */
  open(block: BlockBytes): void {
    this.block = block;
    this.directory.read(block);
    this.times.clear();
    this.lastSearch.vector = -1;
  }

  /** Forgets the block, so that its bytes can be freed. The decoder can open another block. */
  close(): void {
    this.block = NO_BLOCK;
    this.directory.close();
    this.times.clear();
    this.reader.start(NO_BLOCK.directory, 0, 0);
  }

  /** The size of the buffers, which grow to what the largest of the opened blocks needs. */
  get bufferBytes(): number {
    return this.times.bufferBytes + this.values.bufferBytes;
  }

  has(member: number): boolean {
    return this.directory.has(member);
  }

  /** Returns the number of samples of a member, which is 0 if the block does not have it. */
  sampleCount(member: number): number {
    return this.has(member) ? this.directory.vectorCounts[this.directory.vectorOf(member)]! : 0;
  }

  /** Returns the time of the first sample of a member, in milliseconds since the epoch. The block must contain the member. */
  firstTime(member: number): number {
    return this.directory.vectorFirsts[this.directory.vectorOf(member)]!;
  }

  lastTime(member: number): number {
    return this.directory.vectorLasts[this.directory.vectorOf(member)]!;
  }

  /**
   * Returns the time of the last sample of a member before a time, or that time itself if there is none. The block must contain
   * the member.
   */
  lastTimeBefore(member: number, at: number): number {
    const vector = this.directory.vectorOf(member);
    const start = this.times.read(vector);
    const { kept } = this.times;
    const end = firstFrom(kept, start, start + this.directory.vectorCounts[vector]!, at);
    return end === start ? at : kept[end - 1]!;
  }

  /** The length of `packed` according to the directory. */
  get packedLength(): number {
    return this.directory.columnEnds[this.directory.columnCount - 1]!;
  }

  /**
   * Returns the ranges of `packed` that are needed to decode these members, in ascending order, so that Postgres reads and sends
   * only these bytes. Adjacent ranges are joined.
   */
  byteRanges(members: Iterable<number>): ByteRange[] {
    const { directory } = this;
    const columns = new Set<number>();
    for (const member of members) {
      if (!directory.has(member)) continue;
      const vector = directory.vectorOf(member);
      columns.add(directory.vectorBases[vector]!).add(vector).add(directory.columnOf(member));
    }
    const ranges: { from: number; to: number }[] = [];
    for (const column of [...columns].toSorted((a, b) => a - b)) {
      const from = directory.columnStart(column);
      const to = directory.columnEnds[column]!;
      const last = ranges.at(-1);
      if (last?.to === from) last.to = to;
      else ranges.push({ from, to });
    }
    return ranges;
  }

  /**
   * Decodes the samples of a member from one time to another, both inclusive.
   *
   * @param at the index in `times` and `values` at which the decoded samples begin; both arrays must have room for all of them
   * @returns the number of decoded samples
   */
  decode(member: number, from: number, to: number, times: Float64Array, values: Float64Array, at: number): number {
    const found = this.find(member, from, to);
    if (found > 0) this.decodeFound(times, values, at);
    return found;
  }

  /**
   * Finds the samples of a member from one time to another, both inclusive. {@link decodeFound} decodes them.
   *
   * @param before the number of samples before `from` to decode as well, 0 or 1; the member must have that many
   * @returns the number of samples that were found, without those before `from`
   */
  find(member: number, from: number, to: number, before = 0): number {
    const { directory } = this;
    const place = directory.placeOf(member);
    if (place === -1) return 0;
    this.foundPlace = place;
    const vector = directory.memberVectors[place]!;
    const firstAt = directory.vectorFirsts[vector]!;
    const lastAt = directory.vectorLasts[vector]!;
    const count = directory.vectorCounts[vector]!;
    if (from <= firstAt && to >= lastAt) {
      this.foundFirst = 0;
      this.foundEnd = count;
      return count;
    }
    if (before === 0 && (from > lastAt || to < firstAt)) return 0;
    const { lastSearch } = this;
    if (lastSearch.vector !== vector || lastSearch.from !== from || lastSearch.to !== to) {
      const start = this.times.read(vector);
      const { kept } = this.times;
      const first = firstFrom(kept, start, start + count, from);
      lastSearch.first = first - start;
      lastSearch.end = firstAfter(kept, first, start + count, to) - start;
      lastSearch.vector = vector;
      lastSearch.from = from;
      lastSearch.to = to;
    }
    this.foundFirst = lastSearch.first - before;
    this.foundEnd = lastSearch.end;
    return lastSearch.end - lastSearch.first;
  }

  /**
   * Decodes the samples that {@link find} has found last, and those before them.
   *
   * @param at as in {@link decode}
   */
  decodeFound(times: Float64Array, values: Float64Array, at: number): void {
    const { directory, foundPlace, foundFirst, foundEnd } = this;
    const vector = directory.memberVectors[foundPlace]!;
    const count = directory.vectorCounts[vector]!;
    this.checkRoom(foundEnd - foundFirst, times, values, at);
    if (foundEnd - foundFirst === count) {
      this.times.readInto(vector, times, at);
    } else {
      const start = this.times.read(vector);
      const { kept } = this.times;
      const end = start + foundEnd;
      for (let index = start + foundFirst, target = at; index < end; index++, target++) times[target] = kept[index]!;
    }
    this.startColumn(directory.vectorCount + foundPlace);
    this.values.read(count, foundFirst, foundEnd, values, at);
  }

  private checkRoom(count: number, times: Float64Array, values: Float64Array, at: number): void {
    if (at + count <= times.length && at + count <= values.length) return;
    throw new RangeError(`The arrays have no room for ${count} samples at ${at}.`);
  }

  /** Verifies the checksum of a column, and moves the reader to its first byte. */
  private startColumn(column: number): void {
    const { directory } = this;
    const from = directory.columnStart(column);
    const to = directory.columnEnds[column]!;
    for (const part of this.block.packed) {
      if (from < part.from || to > part.from + part.bytes.length) continue;
      const first = from - part.from;
      const end = to - part.from;
      this.reader.start(part.bytes, first, end);
      if (crc16(part.bytes, first, end, undefined, this.reader.view) !== directory.columnChecksums[column]) {
        throw this.damaged(`the checksum of the bytes ${from} to ${to} is wrong`);
      }
      return;
    }
    throw this.damaged(`the bytes ${from} to ${to} are missing`);
  }
}

/** Returns the first index of a time that is not before `time`. */
function firstFrom(times: Float64Array, start: number, end: number, time: number): number {
  let low = start;
  let high = end;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (times[middle]! < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Returns the first index of a time that is after `time`. */
function firstAfter(times: Float64Array, start: number, end: number, time: number): number {
  let low = start;
  let high = end;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (times[middle]! <= time) low = middle + 1;
    else high = middle;
  }
  return low;
}
