import type { PackedPart } from '../archive/block/block-bytes.js';
import type { ChunkRow } from '../archive/chunk/chunk-row.js';
import type { BlockSet } from '../archive/chunk/chunk-partitions.js';
import type { MemberSet } from '../archive/block/member-set.js';
import type { BlockRow } from '../archive/stored-blocks/block-row.js';
import type { BucketMembers } from '../archive/stored-blocks/bucket-members.js';
import type { LogRow } from '../log/log-row.js';
import type { ByteRange } from '../archive/block/block-decoder.js';
import type { ChunkSumsRow } from './chunk-sums-row.js';

/** Selects the log rows that may have a sample of these series in a half-open range, in milliseconds since the epoch. */
export interface LogFilter {
  readonly seriesIds?: readonly number[];
  readonly from?: number;
  readonly to?: number;
}

/** Selects samples of chunks and blocks. */
export interface ChunkFilter {
  readonly seriesIds: readonly number[];
  /** The start in milliseconds since the epoch, inclusive. */
  readonly from: number;
  /** The end, exclusive. */
  readonly to: number;
  /** Whether a chunk or block that contains `from` includes the sample before `from`, and all samples up to its end. */
  readonly isWithRest: boolean;
  /** The edges for which sums are read as well. Chunks and blocks of which only the sums are needed are left out. */
  readonly edges?: Float64Array;
}

/** The sums of the deltas in chunks of one series, as high and low doubles of compensated sums. */
export interface DeltaSumsRow {
  readonly seriesId: number;
  readonly sums: Float64Array;
  readonly lows: Float64Array;
}

/** Some bytes of `packed` of a block. */
export interface WantedBytes extends ByteRange {
  readonly block: BlockRow;
}

/** The place at which a search for older blocks of a bucket continues. */
export interface BlockPlace {
  readonly bucket: number;
  /** The members that are still searched for. */
  readonly members: MemberSet;
  /** The end and the id of the block before which to search. */
  readonly endAt: number;
  readonly id: number;
  /** The earliest end of a block that is still of interest. */
  readonly leastEndAt: number;
}

/**
 * Which packed bytes are sent together with the rows of blocks: none, or those of blocks that are small, or of whose members at
 * least a quarter is wanted. With edges, blocks without an edge between their first and their last sample come without bytes.
 */
export type WantedPacked = 'none' | { readonly edges: Float64Array | undefined };

/** The blocks in a view of the store; see `StoredBlocks`. */
export interface BlockView {
  /** Begins to read what all statements need, so that the first of them does not have to wait for it. */
  prepare?(): void;
  overlapping(wanted: BucketMembers, from: number, to: number, bytes: WantedPacked): AsyncIterable<BlockRow[]>;
  since(wanted: BucketMembers, at: number): AsyncIterable<BlockRow[]>;
  falls(wanted: BucketMembers, from: number, to: number): Promise<Map<number, MemberSet>>;
  newestBefore(table: BlockSet, places: readonly BlockPlace[], at: number, limit: number): Promise<BlockRow[]>;
  bytes(wanted: readonly WantedBytes[]): Promise<PackedPart[]>;
}

/** The data that a query of samples needs, from one consistent view; see `StoreSnapshot`. */
export interface StoreView {
  readonly blocks: BlockView;
  totalsOf(seriesIds: readonly number[]): Promise<{ id: number; total: number; total_low: number }[]>;
  rows(filter: LogFilter): AsyncIterable<LogRow[]>;
  chunks(filter: ChunkFilter): AsyncIterable<ChunkRow[]>;
  chunkSums(filter: Pick<Required<ChunkFilter>, 'seriesIds' | 'from' | 'to' | 'edges'>): AsyncIterable<ChunkSumsRow[]>;
  deltaSumsSince(seriesIds: readonly number[], at: number): AsyncIterable<DeltaSumsRow[]>;
  lastSamplesBefore(
    seriesIds: readonly number[],
    at: number,
  ): Promise<{ series_id: number; id: number | string; at: Date; value: number }[]>;
}
