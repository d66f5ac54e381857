import { decodeFloat8Array, decodeInt4Array, decodeInt8Array } from '../../../database/binary/packed-array.js';
import { decodeBlockRow, type BlockRow } from '../../archive/stored-blocks/block-row.js';
import type { ChunkRow } from '../../archive/chunk/chunk-row.js';
import type { LogRow } from '../../log/log-row.js';
import type { DeltaSumsRow } from '../store-view.js';

/** The kinds of rows of `custom_metrics_read_at_once`. */
export const ROW = {
  /** There are too many rows for one answer. */
  TOO_MANY: -1,
  /**
   * `id` is the number of newer series of the metric `owner`, and `members_high` is the largest id among them. `directory`
   * is their checksum as a double. `sum` and `sum_low` are the oldest running and the next transaction.
   */
  EXTENT: 0,
  /** The total of the series `owner`. */
  TOTAL: 1,
  CHUNK: 2,
  /** `directory` and `packed` are the high and low doubles of the sums of chunks after the range. */
  SUMS_SINCE: 3,
  /** The last sample of the series `owner` in chunks before the range. */
  LAST_IN_CHUNKS: 4,
  /** A row of the log; `members_high` is its place in the order of arrival. */
  LOG: 5,
  /** A block that overlaps the range. */
  BLOCK: 6,
  /** A block with delta sums that ends at the end of the range or later, without packed bytes. */
  BLOCK_SINCE: 7,
  /** One of the newest blocks that begin before the range. */
  FRESH_BEFORE: 8,
  WAITING_BEFORE: 9,
  MERGED_BEFORE: 10,
  /** `id` is the number under which the metric `owner` has its name, and `sum` is the version of its row. */
  NAME: 11,
} as const;

/** A row of one of these kinds. Columns without a meaning for its kind are null or 0. */
export interface FetchedRow {
  readonly kind: (typeof ROW)[keyof typeof ROW];
  readonly range_number: number;
  readonly id: number;
  /** The id of a series, a bucket, a writer or a metric. */
  readonly owner: number;
  readonly start_at: Date;
  readonly end_at: Date;
  readonly members_high: number;
  readonly members_low: number;
  readonly falls_high: number;
  readonly falls_low: number;
  readonly sum: number | null;
  readonly sum_low: number | null;
  readonly directory: Buffer;
  readonly packed: Buffer | null;
  readonly delta_sums: Buffer | null;
  readonly delta_sum_lows: Buffer | null;
}

export function blockOf(row: FetchedRow): BlockRow {
  return decodeBlockRow({ ...row, bucket: row.owner });
}

export function chunkOf(row: FetchedRow): ChunkRow {
  return {
    seriesId: row.owner,
    id: row.id,
    startAt: row.start_at.getTime(),
    deltaSum: row.sum,
    deltaSumLow: row.sum_low,
    offsetsMs: decodeInt4Array(row.directory),
    values: decodeFloat8Array(row.packed!),
  };
}

export function logRowOf(row: FetchedRow): LogRow {
  return {
    writerId: row.owner,
    sequence: row.id,
    receivedAt: row.start_at.getTime(),
    seriesIds: decodeInt4Array(row.directory),
    timestamps: row.packed === null ? null : decodeInt8Array(row.packed),
    values: decodeFloat8Array(row.delta_sums!),
  };
}

export function sumsSinceOf(row: FetchedRow): DeltaSumsRow {
  return { seriesId: row.owner, sums: decodeFloat8Array(row.directory), lows: decodeFloat8Array(row.packed!) };
}
