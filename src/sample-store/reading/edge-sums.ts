import { CompensatedSum } from '../../live-values/compensated-sum.js';

/** Sums of chunks of one counter, none of which has an edge between its first and its last sample; in no order. */
export interface ChunkSums {
  /** Milliseconds since the epoch of the first and of the last sample. */
  readonly startsAt: Float64Array;
  readonly endsAt: Float64Array;
  /** High and low doubles of the sums. */
  readonly sums: Float64Array;
  readonly lows: Float64Array;
}

/** Samples that stand for those of some chunks: at every edge they add up to the same, and the first is where it was. */
export interface SumPiece {
  readonly timestamps: Float64Array;
  readonly values: Float64Array;
}

/**
 * Joins the chunks between two edges: nothing at the time of the first sample, so that the series begins where it did, and
 * everything at the time of the last. The sum stays the two doubles that it was, which as deltas of one time add up.
 *
 * @param edges ascending; an edge sees a sample of its own time
 */
export function sumsBetweenEdges({ startsAt, endsAt, sums, lows }: ChunkSums, edges: Float64Array): SumPiece[] {
  const byEdge = new Map<number, { first: number; last: number; sum: CompensatedSum }>();
  for (let index = 0; index < sums.length; index++) {
    const edge = edgesBefore(edges, endsAt[index]!);
    let between = byEdge.get(edge);
    if (between === undefined) {
      between = { first: Infinity, last: -Infinity, sum: new CompensatedSum() };
      byEdge.set(edge, between);
    }
    between.first = Math.min(between.first, startsAt[index]!);
    between.last = Math.max(between.last, endsAt[index]!);
    between.sum.add(sums[index]!);
    between.sum.add(lows[index]!);
  }
  return Array.from(byEdge.values(), ({ first, last, sum }) => ({
    timestamps: Float64Array.of(first, last, last),
    values: Float64Array.of(0, sum.high, sum.low),
  }));
}

/** How many edges come before a time. */
export function edgesBefore(edges: Float64Array, at: number): number {
  let low = 0;
  let high = edges.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (edges[middle]! < at) low = middle + 1;
    else high = middle;
  }
  return low;
}
