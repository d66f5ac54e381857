import { DAY_MS } from '../../../scheduling/units-of-time.js';

/** A half-open time range, in milliseconds since the epoch. */
export interface TimeSpan {
  readonly from: number;
  readonly to: number;
}

/**
 * The sets of partitions with blocks: those that the compaction writes, those that wait for their second merge, and the merged
 * ones. Blocks only move from one set to a later one, so work that reads the sets in this order misses none.
 */
export const BLOCK_SETS = {
  fresh: 'sample_block_fresh',
  waiting: 'sample_block_waiting',
  merged: 'sample_block_merged',
} as const;

/** The sets of partitions with chunks: those that the compaction writes as long as an older version runs, and the merged ones. */
export const CHUNK_SETS = { fresh: 'sample_chunk_fresh', merged: 'sample_chunk_merged' } as const;

/** A set of partitions with blocks. */
export type BlockSet = (typeof BLOCK_SETS)[keyof typeof BLOCK_SETS];

/** A set of partitions with chunks. */
export type ChunkSet = (typeof CHUNK_SETS)[keyof typeof CHUNK_SETS];

/** A set of partitions with blocks that are merged when the period of their partition is closed. */
export type UnmergedBlockSet = (typeof BLOCK_SETS)['fresh' | 'waiting'];

/** A set of partitions that are merged when their period is closed. */
export type UnmergedSet = UnmergedBlockSet | (typeof CHUNK_SETS)['fresh'];

/** All sets of partitions, both of blocks and of chunks. */
export const PARTITION_SETS = [...Object.values(BLOCK_SETS), ...Object.values(CHUNK_SETS)];

export type PartitionSet = (typeof PARTITION_SETS)[number];

/** The sets whose partitions are dropped when everything in them has been moved to another set. */
export const EMPTIED_SETS = [BLOCK_SETS.fresh, BLOCK_SETS.waiting, ...Object.values(CHUNK_SETS)];

/** One partition of a set. Its name contains its range, so that no other information about it has to be stored. */
export interface Partition extends TimeSpan {
  readonly name: string;
}

/** Maximum number of merged partitions. With more of them, planning a query takes noticeable time. */
const MAX_MERGED_PARTITIONS = 100;

/** Returns the length of a merged partition: a day, or as many days as {@link MAX_MERGED_PARTITIONS} requires. */
export function mergedPartitionMs(retentionDays: number): number {
  return Math.ceil(retentionDays / MAX_MERGED_PARTITIONS) * DAY_MS;
}

/**
 * Returns the partitions that blocks or chunks need but that do not exist yet.
 *
 * A new partition takes the whole period of `lengthMs` around its time. The period is shortened at existing partitions, because
 * they may have been made with another length.
 *
 * @param times the times of the last samples of the blocks or chunks
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
 * Maximum number of partitions in a set of unmerged rows. If Postgres can't exclude partitions from a statement, it locks all of
 * them with their indexes, and with its default settings it has room for about 6,400 locks. Without this limit, one request with
 * samples from a thousand periods created so many partitions that every later statement of this kind failed.
 */
export const MAX_UNMERGED_PARTITIONS = 48;

/**
 * Maximum number of partitions that one transaction creates, because each of them holds about six locks until the transaction
 * ends.
 */
export const MAX_NEW_PARTITIONS = 16;

/**
 * Returns the times rounded down to seconds, without duplicates. Partitions begin and end at full seconds, and there are far
 * fewer seconds than times.
 */
export function secondsOf(times: Float64Array): Set<number> {
  const seconds = new Set<number>();
  for (const time of times) seconds.add(Math.floor(time / 1000) * 1000);
  return seconds;
}

/** The partitions that a compaction has to create in a set, and which of the compaction's blocks or chunks go into that set. */
export interface ChosenPartitions {
  readonly missing: readonly Partition[];
  /**
   * Returns whether the set has a partition for a block or chunk whose last sample has this time. If not, a later set stores it.
   */
  has(time: number): boolean;
}

/**
 * Chooses the partitions that a compaction creates in a set that is to be merged: those of the newest periods, up to the maximum
 * number. Blocks and chunks of older periods are stored in a later set. The last of the sets is that of merged blocks or chunks,
 * whose number of partitions is limited by retention.
 */
export function choosePartitions(
  set: UnmergedSet,
  existing: readonly TimeSpan[],
  times: Iterable<number>,
  lengthMs: number,
): ChosenPartitions {
  const room = Math.min(MAX_NEW_PARTITIONS, Math.max(0, MAX_UNMERGED_PARTITIONS - existing.length));
  const missing = missingPartitions(set, existing, times, lengthMs)
    .toSorted((a, b) => b.from - a.from)
    .slice(0, room);
  const spans = [...existing, ...missing];
  return { missing, has: (time) => spans.some(({ from, to }) => from <= time && time < to) };
}

/** Splits a span at the starts of days (UTC), and returns the parts in ascending order. */
export function daysOf({ from, to }: TimeSpan): TimeSpan[] {
  const days: TimeSpan[] = [];
  for (let start = from; start < to;) {
    const end = Math.min(to, (Math.floor(start / DAY_MS) + 1) * DAY_MS);
    days.push({ from: start, to: end });
    start = end;
  }
  return days;
}

/** Returns a name such as `sample_chunk_fresh_20261124t180000_20261125t000000`. */
export function partitionName(set: PartitionSet, { from, to }: TimeSpan): string {
  return `${set}_${compact(from)}_${compact(to)}`;
}

/** @returns undefined for a table that is not a partition of this service */
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
