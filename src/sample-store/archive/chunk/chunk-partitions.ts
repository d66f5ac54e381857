import { DAY_MS } from '../../../scheduling/units-of-time.js';

/** A half-open range of time, ms since the epoch. */
export interface TimeSpan {
  readonly from: number;
  readonly to: number;
}

/** Which set a partition belongs to: that of the chunks as the compaction makes them, or that of the merged ones. */
export type PartitionSet = 'sample_chunk_fresh' | 'sample_chunk_merged';

/** One partition of a set; its name says what it holds, so that nothing else has to be kept about it. */
export interface Partition extends TimeSpan {
  readonly name: string;
}

/** Past this number of partitions planning a query is felt. */
const MAX_MERGED_PARTITIONS = 100;

/** How long a partition of merged chunks is: a day, more where chunks are kept for years. */
export function mergedPartitionMs(retentionDays: number): number {
  return Math.ceil(retentionDays / MAX_MERGED_PARTITIONS) * DAY_MS;
}

/**
 * The partitions that are missing for chunks to be stored.
 *
 * A new one takes the whole stretch of `lengthMs` that its time falls in, cut where an existing partition begins or ends:
 * those may have been made with another length.
 *
 * @param times of the last samples of the chunks
 */
export function missingPartitions(
  set: PartitionSet,
  existing: readonly TimeSpan[],
  times: Iterable<number>,
  lengthMs: number,
): Partition[] {
  const spans = [...existing];
  const missing: Partition[] = [];
  for (const time of times) {
    if (spans.some(({ from, to }) => from <= time && time < to)) continue;
    const start = Math.floor(time / lengthMs) * lengthMs;
    const from = Math.max(start, ...spans.filter(({ to }) => to <= time).map(({ to }) => to));
    const to = Math.min(start + lengthMs, ...spans.filter((span) => span.from > time).map((span) => span.from));
    const partition = { name: partitionName(set, { from, to }), from, to };
    spans.push(partition);
    missing.push(partition);
  }
  return missing;
}

/**
 * Fresh partitions that there may be. A statement that can't tell which partitions it needs locks all of them with their
 * indexes, and Postgres has room for some 6,400 locks: one request of samples of a thousand periods filled it, for good.
 */
export const MAX_FRESH_PARTITIONS = 48;

/** Partitions that one transaction makes: each takes half a dozen locks until its end. */
export const MAX_NEW_PARTITIONS = 16;

/** Times of chunks, cut to the second, which is what partitions begin and end with: there are far fewer than chunks. */
export function secondsOf(times: Float64Array): Set<number> {
  const seconds = new Set<number>();
  for (const time of times) seconds.add(Math.floor(time / 1000) * 1000);
  return seconds;
}

/** Which partitions a compaction makes, and which of its chunks go into them. */
export interface FreshPartitions {
  readonly missing: readonly Partition[];
  /** Whether a chunk with this time has a fresh partition; else it is merged from the start. */
  has(time: number): boolean;
}

/**
 * Chooses the fresh partitions of a compaction: those of the newest periods. Samples of so many others that there is no room are
 * long past, and their chunks go among the merged ones, whose number is bounded by retention.
 */
export function chooseFreshPartitions(
  existing: readonly TimeSpan[],
  times: Iterable<number>,
  lengthMs: number,
): FreshPartitions {
  const room = Math.min(MAX_NEW_PARTITIONS, Math.max(0, MAX_FRESH_PARTITIONS - existing.length));
  const missing = missingPartitions('sample_chunk_fresh', existing, times, lengthMs)
    .toSorted((a, b) => b.from - a.from)
    .slice(0, room);
  const spans = [...existing, ...missing];
  return { missing, has: (time) => spans.some(({ from, to }) => from <= time && time < to) };
}

/** `sample_chunk_fresh_20261124t180000_20261125t000000` */
export function partitionName(set: PartitionSet, { from, to }: TimeSpan): string {
  return `${set}_${compact(from)}_${compact(to)}`;
}

/** @returns undefined for a table that is no partition of ours */
export function parsePartitionName(name: string): Partition | undefined {
  const [, from, to] = /_(\d{8}t\d{6})_(\d{8}t\d{6})$/.exec(name) ?? [];
  return from === undefined || to === undefined ? undefined : { name, from: expand(from), to: expand(to) };
}

function compact(time: number): string {
  return new Date(time).toISOString().slice(0, 19).replaceAll(/[-:]/g, '').toLowerCase();
}

function expand(text: string): number {
  return Date.parse(text.replace(/^(....)(..)(..)t(..)(..)(..)$/, '$1-$2-$3T$4:$5:$6Z'));
}
