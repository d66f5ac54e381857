import { CompensatedSum } from '../../live-values/compensated-sum.js';

/** The sums of blocks or chunks of one counter, in any order. None of them has an edge between its first and its last sample. */
export interface StoredSums {
  /** The times of the first and of the last sample of each block or chunk, in milliseconds since the epoch. */
  readonly startsAt: ArrayLike<number>;
  readonly endsAt: ArrayLike<number>;
  /** The high and low doubles of the sums. */
  readonly sums: ArrayLike<number>;
  readonly lows: ArrayLike<number>;
}

/** The sum that is being built. All series share the object, because a large query has millions of sums. */
const sum = new CompensatedSum();

/**
 * Collects samples that replace those of blocks and chunks of one counter. They have the same sum at every edge, and the first
 * one has the same time.
 *
 * The samples between two edges are replaced by three. The first is 0 at the time of the first sample, so that the series begins
 * at the same time. The others are the two doubles of the sum at the time of the last sample, which add up because they are deltas.
 * A sample at the time of an edge counts at that edge.
 */
export class EdgeSums {
  /** The collected samples, in the order in which they were added. */
  readonly timestamps: number[] = [];
  readonly values: number[] = [];
  /** The last edge before which there are sums instead of samples. */
  until = -Infinity;

  /** @param edges times in ascending order */
  constructor(private readonly edges: Float64Array) {}

  /** Adds the sums of blocks or chunks. Those that follow each other between the same edges are added up. */
  addStored({ startsAt, endsAt, sums, lows }: StoredSums): void {
    for (let index = 0; index < sums.length;) {
      const edge = edgesBefore(this.edges, endsAt[index]!);
      let first = Infinity;
      let last = -Infinity;
      sum.reset();
      do {
        first = Math.min(first, startsAt[index]!);
        last = Math.max(last, endsAt[index]!);
        sum.add(sums[index]!);
        sum.add(lows[index]!);
        index++;
      } while (index < sums.length && edgesBefore(this.edges, endsAt[index]!) === edge);
      this.addSum(first, last, edge);
    }
  }

  /**
   * Adds up deltas between each two edges. Those after the last edge stay as they are.
   *
   * @param timestamps the times in ascending order
   * @param values none of them is negative or a stale marker
   */
  addSamples(timestamps: Float64Array, values: Float64Array, start: number, end: number): void {
    const { edges } = this;
    let place = start;
    for (let edge = edgesBefore(edges, timestamps[start]!); place < end && edge < edges.length; edge++) {
      const edgeAt = edges[edge]!;
      if (timestamps[place]! > edgeAt) continue;
      const first = place;
      while (place < end && timestamps[place]! <= edgeAt) place++;
      sum.reset();
      sum.addAll(values, first, place);
      this.addSum(timestamps[first]!, timestamps[place - 1]!, edge);
    }
    for (; place < end; place++) {
      this.timestamps.push(timestamps[place]!);
      this.values.push(values[place]!);
    }
  }

  private addSum(first: number, last: number, edge: number): void {
    this.timestamps.push(first, last, last);
    this.values.push(0, sum.high, sum.low);
    this.until = Math.max(this.until, this.edges[edge] ?? Infinity);
  }
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
