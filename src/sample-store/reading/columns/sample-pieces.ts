/** Samples in time order, from one block or chunk, or from the log. */
export interface Piece {
  /** The id of the block or chunk, or {@link LOG_ORDER}. */
  readonly order: number;
  readonly timestamps: Float64Array;
  readonly values: Float64Array;
  /** True if nobody else needs the arrays, nor the place before each of them in its buffer. */
  readonly hasFreePlace?: boolean | undefined;
}

/** The `order` of samples in the log, which arrived after all samples of blocks and chunks. */
export const LOG_ORDER = Infinity;

/** Maximum length of a piece that is sorted by insertion, without allocating. Pieces that are not in order are usually short. */
const SORTED_BY_INSERTION = 32;

/**
 * Returns the pieces in the order of their first times, or undefined if the times of one of them lie between those of another. For
 * equal times, the piece with the lower order comes first.
 */
export function inTimeOrder(pieces: readonly Piece[]): Piece[] | undefined {
  const byTime = pieces.toSorted((a, b) => a.timestamps[0]! - b.timestamps[0]! || a.order - b.order);
  const areApart = byTime.every(
    ({ timestamps }, index) => index === 0 || timestamps[0]! > byTime[index - 1]!.timestamps.at(-1)!,
  );
  return areApart ? byTime : undefined;
}

/** Joins pieces whose times overlap into one, in time order. For equal times, the piece with the lower order comes first. */
export function mixed(pieces: readonly Piece[]): Omit<Piece, 'order'> {
  const count = pieces.reduce((sum, { values }) => sum + values.length, 0);
  const all = { timestamps: new Float64Array(count + 1), values: new Float64Array(count + 1) };
  let offset = 1;
  for (const { timestamps, values } of pieces.toSorted((a, b) => a.order - b.order)) {
    all.timestamps.set(timestamps, offset);
    all.values.set(values, offset);
    offset += values.length;
  }
  return sorted({
    order: 0,
    timestamps: all.timestamps.subarray(1),
    values: all.values.subarray(1),
    hasFreePlace: true,
  });
}

/** Sorts a piece by time. The arrays of the piece may be changed. */
export function sorted(piece: Piece): Piece {
  const { timestamps, values } = piece;
  if (isSorted(timestamps)) return piece;
  if (timestamps.length <= SORTED_BY_INSERTION) {
    sortByInsertion(timestamps, values);
    return piece;
  }
  // Sorting is stable, so samples with equal times stay in the order in which they were added.
  const order = Array.from(timestamps.keys()).toSorted((a, b) => timestamps[a]! - timestamps[b]!);
  return {
    order: piece.order,
    timestamps: Float64Array.from(order, (index) => timestamps[index]!),
    values: Float64Array.from(order, (index) => values[index]!),
  };
}

function isSorted(timestamps: Float64Array): boolean {
  for (let index = 1; index < timestamps.length; index++) if (timestamps[index - 1]! > timestamps[index]!) return false;
  return true;
}

/** Sorts by time. Samples with equal times keep their order. */
function sortByInsertion(timestamps: Float64Array, values: Float64Array): void {
  for (let index = 1; index < timestamps.length; index++) {
    const timestamp = timestamps[index]!;
    const value = values[index]!;
    let place = index;
    for (; place > 0 && timestamps[place - 1]! > timestamp; place--) {
      timestamps[place] = timestamps[place - 1]!;
      values[place] = values[place - 1]!;
    }
    timestamps[place] = timestamp;
    values[place] = value;
  }
}
