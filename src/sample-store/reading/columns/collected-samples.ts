import type { SampleArrays } from './sample-arrays.js';
import { inTimeOrder, mixed, type Piece, sorted } from './sample-pieces.js';

const NONE = new Float64Array(0);

/** The share of the arrays that may remain unused in the result. If more is unused, the samples are copied to smaller arrays. */
const MAX_UNUSED = 0.2;

/**
 * Maximum number of samples for which a series has a part of the shared arrays. A sample every 15 s makes 260 in an hour and the five minutes
 * before it. When each of 10,000 such series had its own arrays, a query took 40 MB, and often another 40 MB were not collected yet.
 */
const MAX_SHARED = 1_024;

/** Maximum length of shared arrays, unless they are given. */
const MAX_SHARED_LENGTH = 32_768;

/** Maximum number of places that the series of a query may have for samples that are merely expected. They take 16 MB. */
const MAX_UNUSED_PLACES = 1_000_000;

/** Maximum number of blocks that a series is expected to have in a range. Most of a longer range may be empty. */
const MAX_EXPECTED_BLOCKS = 100;

/** Room for a few more samples than expected, because with too little room all samples are copied once more. */
const EXPECTED_MARGIN = 1.03;

/**
 * Returns the number of samples that a series has in a range if it is as dense everywhere as in one of its blocks.
 *
 * @param spanMs the time between the first and the last sample in that block
 */
export function expectedCount(count: number, spanMs: number, rangeMs: number): number {
  if (spanMs <= 0) return count;
  return Math.ceil(count * Math.min(MAX_EXPECTED_BLOCKS, rangeMs / spanMs) * EXPECTED_MARGIN);
}

/**
 * Arrays of which many series have a part, because allocating two arrays for each of many series takes longer than decoding a few
 * samples.
 */
export class SharedArrays {
  timestamps = NONE;
  values = NONE;
  /** The number of places of all series that no sample has been written to yet. */
  unusedPlaces = 0;
  private next = 0;
  private scratch = NONE;

  /**
   * @param given arrays to use, as soon as longer ones than the first are needed
   * @param series the number of series that will probably have a part
   */
  constructor(
    private readonly given?: SampleArrays,
    private readonly series = 1,
  ) {}

  /**
   * Takes a part, at most {@link MAX_SHARED} long. The place before it is free, too.
   *
   * @returns the index of the part in `timestamps` and `values`
   */
  take(length: number): number {
    const first = this.next + 1;
    this.next = first + length;
    if (this.next <= this.values.length) return first;
    const wanted = Math.max(this.series * (1 + length), 8 * this.values.length);
    const newLength = Math.max(1 + length, Math.min(MAX_SHARED_LENGTH, wanted));
    const isGiven = newLength === this.given?.length;
    this.timestamps = isGiven ? this.given.take() : new Float64Array(newLength);
    this.values = isGiven ? this.given.take() : new Float64Array(newLength);
    this.next = 1 + length;
    return 1;
  }

  /** Returns an array for numbers that are not kept, with room for at least this number of them. */
  scratchFor(count: number): Float64Array {
    if (this.scratch.length < count) this.scratch = new Float64Array(2 * count);
    return this.scratch;
  }
}

/**
 * Collects the samples of one series, piece by piece, in two arrays that grow. A decoder can write into them directly. The pieces
 * of a series nearly always arrive in time order, and then a part of the arrays is the result, without another copy of each sample.
 */
export class CollectedSamples {
  timestamps: Float64Array = NONE;
  values: Float64Array = NONE;
  /** The index of the first sample. The place before it is free; see `hasFreePlace` of SeriesSamples. */
  private first = 0;
  /** The index after the last sample. */
  private end = 0;
  /** The index after the last place for samples. */
  private limit = 0;
  private isShared = true;
  /** The order of the first piece, as in {@link Piece}. Most series of a wide query have only one piece, which needs no lists. */
  private firstOrder = 0;
  /** The number of samples before each further piece, and its order. */
  private starts: number[] | undefined;
  private orders: number[] | undefined;
  private areInOrder = true;

  constructor(private readonly shared: SharedArrays) {}

  /** True as long as there are no samples. The place before the one that {@link reserve} returns is then free. */
  get isEmpty(): boolean {
    return this.end === this.first;
  }

  /**
   * Makes room for samples.
   *
   * @param expected the number of samples that the series will probably have in the end; each time the arrays turn out to be too
   * short, all samples are copied, and the old arrays keep the garbage collector busy
   * @returns the index in `timestamps` and `values` at which the caller may write them; {@link take} then adds them
   */
  reserve(count: number, expected = 0): number {
    if (this.end + count > this.limit) {
      const kept = this.end - this.first;
      // Most series of a wide query have only one piece, so its first place has no more room than that piece needs.
      const length = kept === 0 ? count : Math.max(kept + count, 2 * kept);
      const more = Math.max(0, expected - length);
      this.moveTo(this.shared.unusedPlaces + more > MAX_UNUSED_PLACES ? length : length + more);
    }
    return this.end;
  }

  /** Adds the piece that the caller has written at the reserved place. Its samples must be in time order. */
  take(order: number, count: number): void {
    if (count === 0) return;
    const { first, end, timestamps } = this;
    if (end > first && !(timestamps[end]! > timestamps[end - 1]!)) this.areInOrder = false;
    if (end === first) this.firstOrder = order;
    else {
      (this.starts ??= []).push(end - first);
      (this.orders ??= []).push(order);
    }
    this.end += count;
    this.shared.unusedPlaces -= count;
  }

  /** Adds a copy of a part of two arrays. Its samples must be in time order. */
  add(order: number, timestamps: Float64Array, values: Float64Array, from: number, to: number): void {
    const at = this.reserve(to - from);
    for (let index = from, target = at; index < to; index++, target++) {
      this.timestamps[target] = timestamps[index]!;
      this.values[target] = values[index]!;
    }
    this.take(order, to - from);
  }

  /** Adds samples in any order. Those with equal times keep their order. */
  addUnsorted(order: number, timestamps: readonly number[], values: readonly number[]): void {
    const at = this.reserve(values.length);
    for (let index = 0; index < values.length; index++) {
      this.timestamps[at + index] = timestamps[index]!;
      this.values[at + index] = values[index]!;
    }
    const written = this.pieceOf(order, at - this.first, at - this.first + values.length);
    const piece = sorted(written);
    if (piece !== written) {
      this.timestamps.set(piece.timestamps, at);
      this.values.set(piece.values, at);
    }
    this.take(order, values.length);
  }

  /** The times of all samples so far, one piece after the other. */
  get timestampsSoFar(): Float64Array {
    return this.timestamps.subarray(this.first, this.end);
  }

  /**
   * Returns all samples in time order; for equal times, the piece with the lower order comes first. No samples can be added
   * afterwards.
   */
  join(): Omit<Piece, 'order'> {
    const { first, end } = this;
    if (end === first) return { timestamps: NONE, values: NONE };
    const count = end - first;
    if (!this.areInOrder) {
      const pieces = this.pieces();
      const inOrder = inTimeOrder(pieces);
      if (inOrder === undefined) return mixed(pieces);
      this.reorder(inOrder);
    }
    if (!this.isShared && count < this.values.length * (1 - MAX_UNUSED)) this.moveTo(count);
    const { timestamps, values } = this.pieceOf(0, 0, count);
    this.timestamps = NONE;
    this.values = NONE;
    return { timestamps, values, hasFreePlace: true };
  }

  private pieces(): Piece[] {
    const starts = [0, ...(this.starts ?? [])];
    const orders = [this.firstOrder, ...(this.orders ?? [])];
    return orders.map((order, index) =>
      this.pieceOf(order, starts[index]!, starts[index + 1] ?? this.end - this.first),
    );
  }

  /** Puts the pieces into another order, without new arrays. */
  private reorder(pieces: readonly Piece[]): void {
    const count = this.end - this.first;
    const scratch = this.shared.scratchFor(count);
    for (const column of ['timestamps', 'values'] as const) {
      let at = 0;
      for (const { [column]: part } of pieces) {
        scratch.set(part, at);
        at += part.length;
      }
      this[column].set(scratch.subarray(0, count), this.first);
    }
  }

  /** Moves the samples to a place with room for a number of samples. */
  private moveTo(length: number): void {
    const { timestamps, values, first, end, shared } = this;
    shared.unusedPlaces += length - (this.limit - first);
    this.isShared = length <= MAX_SHARED;
    this.first = this.isShared ? shared.take(length) : 1;
    this.timestamps = this.isShared ? shared.timestamps : new Float64Array(1 + length);
    this.values = this.isShared ? shared.values : new Float64Array(1 + length);
    this.end = this.first + end - first;
    this.limit = this.first + length;
    if (end === first) return;
    this.timestamps.set(timestamps.subarray(first, end), this.first);
    this.values.set(values.subarray(first, end), this.first);
  }

  /** @param from the number of samples before the piece */
  private pieceOf(order: number, from: number, to: number): Piece {
    const { timestamps, values, first } = this;
    return {
      order,
      timestamps: timestamps.subarray(first + from, first + to),
      values: values.subarray(first + from, first + to),
    };
  }
}

/** Arrays that every series uses again, for samples that are not kept. */
export class SampleRoom {
  timestamps = new Float64Array(0);
  values = new Float64Array(0);

  /**
   * Returns arrays with room for at least this number of samples. The next call may return the same arrays, so the caller must
   * not need their content by then.
   */
  for(count: number): { readonly timestamps: Float64Array; readonly values: Float64Array } {
    if (this.values.length < count) {
      this.timestamps = new Float64Array(2 * count);
      this.values = new Float64Array(2 * count);
    }
    return this;
  }
}
