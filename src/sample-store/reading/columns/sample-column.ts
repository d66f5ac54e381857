import type { Series } from '../../../catalog/series/series.js';
import { CompensatedSum } from '../../../live-values/compensated-sum.js';
import type { ChunkRow } from '../../archive/chunk/chunk-row.js';
import { EdgeSums, type StoredSums } from '../edge-sums.js';
import { CollectedSamples, expectedCount, type SampleRoom, type SharedArrays } from './collected-samples.js';
import { LOG_ORDER } from './sample-pieces.js';
import type { ReadSeries, SeriesSamples, ValueBefore } from './series-samples.js';
import type { OpenedMember, StoredSamples } from './stored-part.js';

/**
 * The possible error of a sum that was computed backwards from a total, as a share of that total. This is the precision of two
 * doubles, with some margin. A smaller remainder before the range means that there are no older samples.
 */
const TOTAL_NOISE = 2 ** -90;

/**
 * A placeholder for an empty list, so that a list is created only when it gets an element. Most of a hundred thousand columns
 * never need all of their lists.
 */
const NONE: readonly never[] = [];

const NOTHING_BEFORE: ValueBefore = { value: undefined, at: undefined };

/** Collects the samples of one series over a half-open range, and its value before the range. */
export class SampleColumn<S extends ReadSeries = Series> {
  private readonly collected: CollectedSamples;
  private logTimestamps: number[] | undefined;
  private logValues: number[] | undefined;
  private newestBefore = -Infinity;
  private newestBeforeOrder = 0;
  private valueBefore: number | undefined;
  /**
   * The compensated sum of all deltas of a delta counter that are older than the range, as far as it is known. The sum is
   * created when it is first needed, because two typed arrays for each of a hundred thousand series keep the garbage collector
   * busy.
   */
  private older: CompensatedSum | undefined;
  private compactedTotal = 0;
  private hasOlder = false;
  /** The samples that replace those between two edges, if only sums are needed. */
  private edgeSums: EdgeSums | undefined;
  private hasSumsInTheWay = false;
  private firstInRange = Infinity;

  constructor(
    readonly series: S,
    private readonly range: { readonly from: number; readonly to: number },
    shared: SharedArrays,
  ) {
    this.collected = new CollectedSamples(shared);
  }

  /** Starts from the sum of all compacted deltas. Deltas that are not older than the range are subtracted later. */
  startFrom(total: number, totalLow: number): void {
    this.compactedTotal = total;
    this.add(total);
    this.add(totalLow);
  }

  /** Subtracts the sum of a block or chunk that has no samples older than the range. */
  takeOff(deltaSum: number, deltaSumLow: number): void {
    this.add(-deltaSum);
    this.add(-deltaSumLow);
  }

  /** The time of the newest sample before the range that is known so far; -Infinity if there is none. */
  get olderAt(): number {
    return this.newestBefore;
  }

  /** The time of the earliest sample in the range that was added so far; Infinity if there is none. */
  get earliestAt(): number {
    return this.firstInRange;
  }

  /** Takes the newest sample of the blocks or chunks that end before the range. */
  setOlder(at: number, value: number, id: number): void {
    this.addBefore(at, value, id);
  }

  /** Adds a chunk, as {@link addMember} adds a member of a block. */
  addChunk(
    { id, startAt, deltaSum, deltaSumLow, offsetsMs, values }: ChunkRow,
    needsBefore: boolean,
    edges?: Float64Array,
  ): number {
    const count = offsetsMs.length;
    const timestamps = new Float64Array(count);
    for (let index = 0; index < count; index++) timestamps[index] = startAt + offsetsMs[index]!;
    const stored = { id, firstAt: startAt, deltaSum, deltaSumLow, timestamps, values, count };
    return this.addStored(stored, needsBefore, edges);
  }

  /**
   * Adds the samples of a member of a block.
   *
   * @param needsBefore whether to compute the value before the range
   * @param edges the only times at which the sum of the deltas matters, so that the samples between two of them are added up;
   * undefined if each sample is needed
   * @param room buffers for decoded samples that are not kept themselves
   * @returns the number of samples in the range, or of those that replace them
   */
  addMember(
    { decoder, member, id, deltaSum, deltaSumLow }: OpenedMember,
    needsBefore: boolean,
    edges: Float64Array | undefined,
    room: SampleRoom,
  ): number {
    const { from, to } = this.range;
    const { collected } = this;
    const firstAt = decoder.firstTime(member);
    const count = decoder.sampleCount(member);
    if (edges === undefined && firstAt >= from && decoder.lastTime(member) < to) {
      if (needsBefore && deltaSum !== null) this.takeOff(deltaSum, deltaSumLow ?? 0);
      const at = collected.reserve(count, expectedCount(count, decoder.lastTime(member) - firstAt, to - from));
      decoder.decode(member, firstAt, Infinity, collected.timestamps, collected.values, at);
      this.noteEarliest(firstAt);
      collected.take(id, count);
      return count;
    }
    // If the block contains the start of the range, the value before the range is that of the last sample before the start. For a
    // delta counter, the total before the range depends on all later deltas of the block.
    const hasStart = needsBefore && firstAt < from;
    // The end of the range is exclusive, and times are whole milliseconds.
    const lastAt = Math.ceil(to) - 1;
    if (edges === undefined && !hasStart) {
      if (needsBefore && deltaSum !== null) this.takeOff(deltaSum, deltaSumLow ?? 0);
      const found = decoder.find(member, from, lastAt);
      if (found === 0) return 0;
      const at = collected.reserve(found);
      decoder.decodeFound(collected.timestamps, collected.values, at);
      this.noteEarliest(collected.timestamps[at]!);
      collected.take(id, found);
      return found;
    }
    if (edges === undefined && this.series.kind !== 'delta' && deltaSum === null && collected.isEmpty) {
      const found = decoder.find(member, from, lastAt, 1);
      // The sample before the range goes to the place before the samples, which is free.
      const at = collected.reserve(Math.max(1, found));
      decoder.decodeFound(collected.timestamps, collected.values, at - 1);
      this.hasOlder = true;
      this.addBefore(collected.timestamps[at - 1]!, collected.values[at - 1]!, id);
      if (found === 0) return 0;
      this.noteEarliest(collected.timestamps[at]!);
      collected.take(id, found);
      return found;
    }
    const { timestamps, values } = room.for(count);
    const first = hasStart ? decoder.lastTimeBefore(member, from) : from;
    const last = hasStart && deltaSum !== null ? Infinity : lastAt;
    const found = decoder.decode(member, first, last, timestamps, values, 0);
    return this.addStored({ id, firstAt, deltaSum, deltaSumLow, timestamps, values, count: found }, needsBefore, edges);
  }

  /**
   * Adds a copy of the samples of a block or chunk, or of the part of them that was read.
   *
   * @param needsBefore whether to compute the value before the range; if the block or chunk begins before the range, the part
   * must then include the last sample before it, and if there are deltas, extend to the end of the block or chunk
   * @param edges as in {@link addMember}
   * @returns the number of samples in the range, or of those that replace them
   */
  private addStored(
    { id, firstAt, deltaSum, deltaSumLow, timestamps, values, count }: StoredSamples,
    needsBefore: boolean,
    edges: Float64Array | undefined,
  ): number {
    const { from, to } = this.range;
    let first = 0;
    while (first < count && timestamps[first]! < from) first++;
    let end = count;
    while (end > first && timestamps[end - 1]! >= to) end--;
    if (needsBefore) {
      if (first > 0) this.hasOlder = true;
      if (first > 0 && this.series.kind !== 'delta') this.addBefore(timestamps[first - 1]!, values[first - 1]!, id);
      if (deltaSum !== null && firstAt >= from) {
        this.takeOff(deltaSum, deltaSumLow ?? 0);
      } else if (deltaSum !== null) {
        for (let index = first; index < count; index++) this.add(-values[index]!);
      }
    }
    if (end === first) return 0;
    this.noteEarliest(timestamps[first]!);
    if (edges === undefined) {
      this.collected.add(id, timestamps, values, first, end);
      return end - first;
    }
    const sums = (this.edgeSums ??= new EdgeSums(edges));
    const before = sums.values.length;
    sums.addSamples(timestamps, values, first, end);
    return sums.values.length - before;
  }

  /**
   * Adds the sums of blocks or chunks that begin in the range, if only the sums at some edges are needed and not the samples.
   *
   * @returns the number of samples that replace the samples of these blocks or chunks
   */
  addSums(stored: StoredSums, edges: Float64Array, needsBefore: boolean): number {
    if (needsBefore) {
      for (let index = 0; index < stored.sums.length; index++) this.takeOff(stored.sums[index]!, stored.lows[index]!);
    }
    const sums = (this.edgeSums ??= new EdgeSums(edges));
    const before = sums.values.length;
    sums.addStored(stored);
    return sums.values.length - before;
  }

  /**
   * True if the log has a stale marker or a negative delta at a time for which there are only sums. A window may then end between
   * two edges, and the sums do not contain the value at that time.
   */
  get needsSamples(): boolean {
    return this.hasSumsInTheWay;
  }

  /**
   * Adds a sample of the log.
   *
   * @returns whether the sample is in the range
   */
  addLogSample(timestamp: number, value: number): boolean {
    if (timestamp >= this.range.to) return false;
    if (timestamp < this.range.from) {
      if (this.series.kind === 'delta') {
        this.hasOlder = true;
        this.add(value);
      } else {
        this.addBefore(timestamp, value, LOG_ORDER);
      }
      return false;
    }
    this.noteEarliest(timestamp);
    (this.logTimestamps ??= []).push(timestamp);
    (this.logValues ??= []).push(value);
    if (this.edgeSums !== undefined && timestamp <= this.edgeSums.until && !(value >= 0)) this.hasSumsInTheWay = true;
    return true;
  }

  /** Yields the times of the samples that were added, one piece after the other. */
  *timestampsSoFar(): Generator<ArrayLike<number>> {
    yield this.collected.timestampsSoFar;
    yield this.edgeSums?.timestamps ?? NONE;
    yield this.logTimestamps ?? NONE;
  }

  toSamples(): SeriesSamples<S> {
    const { collected, edgeSums, logTimestamps, logValues } = this;
    if (edgeSums !== undefined) collected.addUnsorted(0, edgeSums.timestamps, edgeSums.values);
    if (logTimestamps && logValues) collected.addUnsorted(LOG_ORDER, logTimestamps, logValues);
    const { timestamps, values, hasFreePlace } = collected.join();
    return { series: this.series, timestamps, values, hasFreePlace, before: this.valueAndTimeBefore };
  }

  private get valueAndTimeBefore(): ValueBefore {
    const { before, atBefore } = this;
    return before === undefined && atBefore === undefined ? NOTHING_BEFORE : { value: before, at: atBefore };
  }

  private get before(): number | undefined {
    if (this.series.kind !== 'delta') return Number.isNaN(this.valueBefore) ? undefined : this.valueBefore;
    const sum = this.older?.high ?? 0;
    // The total exceeds the range of a double, so subtracting the later samples would not restore the sum.
    if (!Number.isFinite(sum)) return this.compactedTotal;
    if (this.hasOlder) return this.series.canOnlyRise ? Math.max(0, sum) : sum;
    // Samples past retention are no longer in the store, but the total still contains them.
    return Math.abs(sum) > Math.abs(this.compactedTotal) * TOTAL_NOISE ? sum : undefined;
  }

  private get atBefore(): number | undefined {
    return this.valueBefore === undefined ? undefined : this.newestBefore;
  }

  private noteEarliest(timestamp: number): void {
    if (timestamp < this.firstInRange) this.firstInRange = timestamp;
  }

  private add(value: number): void {
    this.older ??= new CompensatedSum();
    this.older.add(value);
  }

  private addBefore(timestamp: number, value: number, order: number): void {
    if (timestamp < this.newestBefore || (timestamp === this.newestBefore && order < this.newestBeforeOrder)) return;
    this.newestBefore = timestamp;
    this.newestBeforeOrder = order;
    this.valueBefore = value;
  }
}
