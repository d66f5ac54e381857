import { decodeFloat8Array } from '../../../database/binary/packed-array.js';
import type { BlockBytes, PackedPart } from '../block/block-bytes.js';
import type { MemberSet } from '../block/member-set.js';

/** A row of `sample_block`. */
export interface BlockRow extends Omit<BlockBytes, 'packed'> {
  /** The time of the last sample, in milliseconds since the epoch. With `bucket` and `id`, it is the key of the row. */
  readonly endAt: number;
  /** The members that have a NaN or a negative value. */
  readonly falls: MemberSet;
  /** The high and low doubles of the sums of the deltas, for each member in ascending order; empty if no member has deltas. */
  readonly deltaSums: Float64Array;
  readonly deltaSumLows: Float64Array;
  /** All of the packed bytes; null if they were not selected. */
  readonly packed: readonly [PackedPart] | null;
}

/** A row as Postgres sends it, with the columns of {@link blockRowColumns}. */
export interface PackedBlockRow {
  readonly bucket: number;
  readonly id: string | number;
  readonly start_at: Date;
  readonly end_at: Date;
  readonly members_high: number;
  readonly members_low: number;
  readonly falls_high: number;
  readonly falls_low: number;
  readonly directory: Buffer;
  readonly packed: Buffer | null;
  readonly delta_sums: Buffer | null;
  readonly delta_sum_lows: Buffer | null;
}

/**
 * Returns the select list for a table of blocks.
 *
 * @param packed an expression for the packed bytes, or NULL
 */
export function blockRowColumns(table: string, packed: string): string {
  return `${table}.bucket, ${table}.id, ${table}.start_at, ${table}.end_at, ${halvesOf(`${table}.members`, 'members')},
          ${halvesOf(`${table}.falls`, 'falls')}, ${table}.directory, ${packed} AS packed,
          array_send(${table}.delta_sums) AS delta_sums, array_send(${table}.delta_sum_lows) AS delta_sum_lows`;
}

/** Returns SQL for two columns with the halves of a 64-bit integer, because a double holds only 53 bits exactly. */
export function halvesOf(expression: string, name: string): string {
  return `(${expression} >> 32)::int4 AS ${name}_high, ((${expression} << 32) >> 32)::int4 AS ${name}_low`;
}

/** Returns an SQL expression that joins two halves into a 64-bit integer. */
export function joinedHalves(high: string, low: string): string {
  return `((${high}::int8 << 32) | (${low}::int8 & 4294967295))`;
}

/** Returns a set from its two halves, which Postgres sends as signed integers. */
export function memberSetOf(high: number, low: number): MemberSet {
  return { high: high >>> 0, low: low >>> 0 };
}

export function decodeBlockRow(row: PackedBlockRow): BlockRow {
  return {
    bucket: row.bucket,
    id: Number(row.id),
    startAt: row.start_at.getTime(),
    endAt: row.end_at.getTime(),
    members: memberSetOf(row.members_high, row.members_low),
    falls: memberSetOf(row.falls_high, row.falls_low),
    directory: row.directory,
    packed: row.packed === null ? null : [{ from: 0, bytes: row.packed }],
    deltaSums: row.delta_sums === null ? NO_SUMS : decodeFloat8Array(row.delta_sums),
    deltaSumLows: row.delta_sum_lows === null ? NO_SUMS : decodeFloat8Array(row.delta_sum_lows),
  };
}

const NO_SUMS = new Float64Array(0);
