import { joined, type JoinedPiece, type Piece, sorted } from './sample-pieces.js';

const NONE = new Float64Array(0);

/** The index of the first sample. The place before it is free; see `room` of SeriesSamples. */
const FIRST = 1;

/** The share of the arrays that may remain unused in the result. If more is unused, the samples are copied to smaller arrays. */
const MAX_UNUSED = 0.2;

/**
 * Collects the samples of one series, piece by piece, in two arrays that grow. A decoder can write into them directly. The pieces
 * of a series nearly always arrive in time order, and then the arrays are the result, without another copy of each sample.
 */
export class CollectedSamples {
  timestamps: Float64Array = NONE;
  values: Float64Array = NONE;
  /** The index after the last sample. */
  private end = FIRST;
  /** The index of the first sample of each piece, and the order of each piece as in {@link Piece}. */
  private starts: number[] | undefined;
  private orders: number[] | undefined;
  private areInOrder = true;

  /**
   * Makes room for samples.
   *
   * @returns the index in `timestamps` and `values` at which the caller may write them; {@link take} then adds them
   */
  reserve(count: number): number {
    const needed = this.end + count;
    if (needed > this.values.length) {
      // Most series of a wide query have only one piece, so the first arrays have no more room than that piece needs.
      const length = this.starts === undefined ? needed : Math.max(needed, 2 * this.values.length);
      this.timestamps = enlarged(this.timestamps, length, this.end);
      this.values = enlarged(this.values, length, this.end);
    }
    return this.end;
  }

  /** Adds the piece that the caller has written at the reserved place. Its samples must be in time order. */
  take(order: number, count: number): void {
    if (count === 0) return;
    const { end, timestamps } = this;
    if (end > FIRST && !(timestamps[end]! > timestamps[end - 1]!)) this.areInOrder = false;
    if (this.starts === undefined || this.orders === undefined) {
      this.starts = [end];
      this.orders = [order];
    } else {
      this.starts.push(end);
      this.orders.push(order);
    }
    this.end += count;
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
    const written = this.pieceOf(order, at, at + values.length);
    const piece = sorted(written);
    if (piece !== written) {
      this.timestamps.set(piece.timestamps, at);
      this.values.set(piece.values, at);
    }
    this.take(order, values.length);
  }

  /** The times of all samples so far, one piece after the other. */
  get timestampsSoFar(): Float64Array {
    return this.timestamps.subarray(FIRST, this.end);
  }

  /**
   * Returns all samples in time order; for equal times, the piece with the lower order comes first. No samples can be added
   * afterwards.
   */
  join(): Omit<JoinedPiece, 'order'> {
    const { starts, orders, end } = this;
    if (starts === undefined || orders === undefined) return { timestamps: NONE, values: NONE };
    if (!this.areInOrder) {
      return joined(starts.map((start, index): Piece => this.pieceOf(orders[index]!, start, starts[index + 1] ?? end)));
    }
    const isTooLarge = end < this.values.length * (1 - MAX_UNUSED);
    const part = (array: Float64Array) => (isTooLarge ? array.slice(0, end) : array.subarray(0, end));
    const room = { timestamps: part(this.timestamps), values: part(this.values) };
    this.timestamps = NONE;
    this.values = NONE;
    return { timestamps: room.timestamps.subarray(FIRST), values: room.values.subarray(FIRST), room };
  }

  private pieceOf(order: number, from: number, to: number): Piece {
    return { order, timestamps: this.timestamps.subarray(from, to), values: this.values.subarray(from, to) };
  }
}

/** Copies the beginning of an array to a longer one. */
function enlarged(array: Float64Array, length: number, used: number): Float64Array {
  const larger = new Float64Array(length);
  if (array.length > 0) larger.set(array.subarray(0, used));
  return larger;
}

/** Arrays for samples that are not kept. They are reused for one series after the other. */
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
