import { CompensatedSum } from '../../live-values/compensated-sum.js';

/** The sums of blocks or chunks of one counter, in any order. None of them has an edge between its first and its last sample. */
export interface StoredSums {
  /** The times of the first and of the last sample of each block or chunk, in milliseconds since the epoch. */
  readonly startsAt: Float64Array;
  readonly endsAt: Float64Array;
  /** The high and low doubles of the sums. */
  readonly sums: Float64Array;
  readonly lows: Float64Array;
}

/**
 * Samples that replace those of some blocks or chunks. They have the same sum at every edge, and the first one has the same time.
 */
export interface SumPiece {
  readonly timestamps: Float64Array;
  readonly values: Float64Array;
}

/**
 * Replaces the blocks or chunks between two edges by three samples. The first is 0 at the time of the first sample, so that the
 * series begins at the same time. The others are the two doubles of the sum at the time of the last sample, which add up because
 * they are deltas.
 *
 * @param edges times in ascending order; a sample at the time of an edge counts at that edge
 */
export function sumsBetweenEdges({ startsAt, endsAt, sums, lows }: StoredSums, edges: Float64Array): SumPiece[] {
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

/** The sum that is being built; its object is shared, because there are millions of sums in a large query. */
const sum = new CompensatedSum();

/**
 * Adds up the samples between each two edges, as {@link sumsBetweenEdges} does with whole blocks. Samples after the last edge stay
 * as they are.
 *
 * @param samples deltas in time order, none of which is negative or a stale marker
 * @returns the samples that replace them, and the last edge before which there are sums
 */
export function sumsOfSamples({ timestamps, values }: SumPiece, edges: Float64Array): SumPiece & { until: number } {
  const times: number[] = [];
  const sums: number[] = [];
  let until = -Infinity;
  let first = 0;
  let edge = edgesBefore(edges, timestamps[0]!);
  for (; first < values.length && edge < edges.length; edge++) {
    const edgeAt = edges[edge]!;
    if (timestamps[first]! > edgeAt) continue;
    until = edgeAt;
    const start = first;
    sum.reset();
    while (first < values.length && timestamps[first]! <= edgeAt) sum.add(values[first++]!);
    const lastAt = timestamps[first - 1]!;
    times.push(timestamps[start]!, lastAt, lastAt);
    sums.push(0, sum.high, sum.low);
  }
  for (; first < values.length; first++) {
    times.push(timestamps[first]!);
    sums.push(values[first]!);
  }
  return { timestamps: Float64Array.from(times), values: Float64Array.from(sums), until };
}

/** Returns the number of edges before a time. */
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
