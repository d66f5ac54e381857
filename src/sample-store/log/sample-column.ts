import type { Series } from '../../catalog/series/series.js';
import { CompensatedSum } from '../../live-values/compensated-sum.js';
import type { ChunkRow } from '../archive/chunk/chunk-row.js';
import { type ChunkSums, edgesBefore, sumsBetweenEdges } from '../reading/edge-sums.js';

/** Samples of one series in time order; samples of equal times are in the order of their arrival. */
export interface SeriesSamples {
  readonly series: Series;
  /** Milliseconds since the epoch. */
  readonly timestamps: Float64Array;
  /** NaN is a stale marker: the series has no value from there to the next sample. */
  readonly values: Float64Array;
  /** The value just before the range: see {@link ValueBefore}. */
  readonly before: ValueBefore;
}

/** The state of a series at the beginning of a range. */
export interface ValueBefore {
  /**
   * For a delta counter the sum of all older deltas, otherwise the newest older value; undefined if there is no older sample, or
   * if the newest one is a stale marker.
   */
  readonly value: number | undefined;
  /** Time of that newest value in milliseconds since the epoch; undefined for a delta counter, whose sum has no time. */
  readonly at: number | undefined;
}

/** Samples in time order, from one chunk or from the log. */
interface Piece {
  /** Id of the chunk, or {@link LOG_ORDER}. */
  readonly order: number;
  readonly timestamps: Float64Array;
  readonly values: Float64Array;
}

/** The order of samples of the log, which arrived after those of all chunks. */
const LOG_ORDER = Infinity;

/**
 * The possible error of a sum that was computed backwards from a total, as a share of that total: the precision of two doubles,
 * with some margin. A smaller remainder before the first sample counts as nothing.
 */
const TOTAL_NOISE = 2 ** -90;

/** Collects the samples of one series over a half-open range, and its value before the range. */
export class SampleColumn {
  private readonly pieces: Piece[] = [];
  private readonly logTimestamps: number[] = [];
  private readonly logValues: number[] = [];
  private newestBefore = -Infinity;
  private newestBeforeOrder = 0;
  private valueBefore: number | undefined;
  /**
   * For a delta counter, the compensated sum of everything older than the range, as far as it is known yet. It is created when
   * first needed, because two typed arrays for each of a hundred thousand series keep the garbage collector busy.
   */
  private older: CompensatedSum | undefined;
  private compactedTotal = 0;
  private hasOlder = false;
  /** The edge up to which there are sums in place of samples. */
  private summedUntil = -Infinity;
  private hasSumsInTheWay = false;

  constructor(
    readonly series: Series,
    private readonly range: { readonly from: number; readonly to: number },
  ) {}

  /** Starts from the sum of all compacted deltas. Everything that is not older than the range is subtracted later. */
  startFrom(total: number, totalLow: number): void {
    this.compactedTotal = total;
    this.add(total);
    this.add(totalLow);
  }

  /** Subtracts the sum of a chunk that begins after the range. */
  takeOff(deltaSum: number, deltaSumLow: number): void {
    this.add(-deltaSum);
    this.add(-deltaSumLow);
  }

  /** Sets the newest sample of the chunks that end before the range. */
  setOlder(at: number, value: number, chunkId: number): void {
    this.addBefore(at, value, chunkId);
  }

  /**
   * Adds a chunk, or the part of it that was read.
   *
   * @param needsBefore whether to compute the value before the range; then the part goes to the end of the chunk, even past the
   *   range
   * @returns the number of samples in the range
   */
  addChunk({ id, startAt, deltaSum, deltaSumLow, offsetsMs, values }: ChunkRow, needsBefore: boolean): number {
    const { from, to } = this.range;
    let first = 0;
    while (first < offsetsMs.length && startAt + offsetsMs[first]! < from) first++;
    let end = offsetsMs.length;
    while (end > first && startAt + offsetsMs[end - 1]! >= to) end--;
    if (needsBefore) {
      if (first > 0) this.hasOlder = true;
      if (first > 0 && this.series.kind !== 'delta') {
        this.addBefore(startAt + offsetsMs[first - 1]!, values[first - 1]!, id);
      }
      if (deltaSum !== null && startAt >= from) {
        this.takeOff(deltaSum, deltaSumLow ?? 0);
      } else if (deltaSum !== null) {
        for (let index = first; index < values.length; index++) this.add(-values[index]!);
      }
    }
    if (end === first) return 0;
    const timestamps = new Float64Array(end - first);
    for (let index = first; index < end; index++) timestamps[index - first] = startAt + offsetsMs[index]!;
    this.pieces.push({ order: id, timestamps, values: values.subarray(first, end) });
    return end - first;
  }

  /**
   * Adds chunks that begin in the range and of which only the sums at some edges are needed.
   *
   * @returns the number of samples that replace theirs
   */
  addSums(chunks: ChunkSums, edges: Float64Array): number {
    for (let index = 0; index < chunks.sums.length; index++) {
      this.takeOff(chunks.sums[index]!, chunks.lows[index]!);
      this.summedUntil = Math.max(this.summedUntil, edges[edgesBefore(edges, chunks.endsAt[index]!)] ?? Infinity);
    }
    const pieces = sumsBetweenEdges(chunks, edges);
    for (const piece of pieces) this.pieces.push({ order: 0, ...piece });
    return 3 * pieces.length;
  }

  /**
   * True if the log has a stale marker or a negative delta at a time for which there are only sums. A window then ends between
   * two edges, and the sums do not tell the value there.
   */
  get needsSamples(): boolean {
    return this.hasSumsInTheWay;
  }

  /**
   * Adds a sample of the log.
   *
   * @returns whether it is in the range
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
    this.logTimestamps.push(timestamp);
    this.logValues.push(value);
    if (timestamp <= this.summedUntil && !(value >= 0)) this.hasSumsInTheWay = true;
    return true;
  }

  /** Yields the times of the samples that were added, piece by piece. */
  *timestampsSoFar(): Generator<ArrayLike<number>> {
    for (const { timestamps } of this.pieces) yield timestamps;
    yield this.logTimestamps;
  }

  toSamples(): SeriesSamples {
    if (this.logValues.length > 0) {
      this.pieces.push(
        sorted({
          order: LOG_ORDER,
          timestamps: Float64Array.from(this.logTimestamps),
          values: Float64Array.from(this.logValues),
        }),
      );
    }
    const { timestamps, values } = joined(this.pieces);
    return { series: this.series, timestamps, values, before: { value: this.before, at: this.atBefore } };
  }

  private get before(): number | undefined {
    if (this.series.kind !== 'delta') return Number.isNaN(this.valueBefore) ? undefined : this.valueBefore;
    const sum = this.older?.high ?? 0;
    // The total exceeds the range of a double, and subtracting the later samples would not bring it back.
    if (!Number.isFinite(sum)) return this.compactedTotal;
    if (this.hasOlder) return this.series.canOnlyRise ? Math.max(0, sum) : sum;
    // Chunks past retention are gone from the store, but the total still contains them.
    return Math.abs(sum) > Math.abs(this.compactedTotal) * TOTAL_NOISE ? sum : undefined;
  }

  private get atBefore(): number | undefined {
    return this.valueBefore === undefined ? undefined : this.newestBefore;
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

/** Joins pieces to one in time order. For equal times the piece with the lower order comes first. */
function joined(pieces: readonly Piece[]): Pick<Piece, 'timestamps' | 'values'> {
  if (pieces.length === 1) return pieces[0]!;
  const byTime = pieces.toSorted((a, b) => a.timestamps[0]! - b.timestamps[0]! || a.order - b.order);
  const isApart = byTime.every(
    ({ timestamps }, index) => index === 0 || timestamps[0]! > byTime[index - 1]!.timestamps.at(-1)!,
  );
  return isApart ? concatenated(byTime) : sorted(concatenated(pieces.toSorted((a, b) => a.order - b.order)));
}

function concatenated(pieces: readonly Piece[]): Piece {
  const count = pieces.reduce((sum, { values }) => sum + values.length, 0);
  const whole = { order: 0, timestamps: new Float64Array(count), values: new Float64Array(count) };
  let offset = 0;
  for (const { timestamps, values } of pieces) {
    whole.timestamps.set(timestamps, offset);
    whole.values.set(values, offset);
    offset += values.length;
  }
  return whole;
}

function sorted(piece: Piece): Piece {
  const { timestamps, values } = piece;
  if (timestamps.every((timestamp, index) => index === 0 || timestamp >= timestamps[index - 1]!)) return piece;
  // Sorting is stable, so samples of one time stay in the order they came in.
  const order = Array.from(timestamps.keys()).toSorted((a, b) => timestamps[a]! - timestamps[b]!);
  return {
    ...piece,
    timestamps: Float64Array.from(order, (index) => timestamps[index]!),
    values: Float64Array.from(order, (index) => values[index]!),
  };
}
