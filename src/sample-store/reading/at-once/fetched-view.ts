import { BLOCK_SETS, type BlockSet } from '../../archive/chunk/chunk-partitions.js';
import type { ChunkRow } from '../../archive/chunk/chunk-row.js';
import type { PackedPart } from '../../archive/block/block-bytes.js';
import type { BlockRow } from '../../archive/stored-blocks/block-row.js';
import type { LogRow } from '../../log/log-row.js';
import { ANY_ID } from '../blocks/older-samples.js';
import type { BlockPlace, BlockView, DeltaSumsRow, StoreView, WantedBytes } from '../store-view.js';
import { blockOf, chunkOf, type FetchedRow, logRowOf, ROW, sumsSinceOf } from './fetched-rows.js';

/** The error for data that was not fetched. The query has to be answered in a transaction instead. */
export class NotFetchedError extends Error {
  override readonly name = 'NotFetchedError';
}

/** The error for samples before the range, which were not looked for. They have to be fetched as well. */
export class OlderNotFetchedError extends Error {
  override readonly name = 'OlderNotFetchedError';
}

/**
 * The view of one range that was fetched at once. The caller asks only for the range and the series that were fetched, so most
 * methods ignore their parameters and return all rows of their kind. Data that is never fetched causes a {@link NotFetchedError}.
 */
export class FetchedView implements StoreView {
  readonly blocks: BlockView;

  /**
   * @param rows the rows of the range
   * @param hasOlder whether the last samples before the range were fetched as well
   * @param fetchBytes returns undefined if the blocks are no longer as they were
   */
  constructor(
    private readonly fetched: readonly FetchedRow[],
    private readonly hasOlder: boolean,
    fetchBytes: (wanted: readonly WantedBytes[]) => Promise<PackedPart[] | undefined>,
  ) {
    this.blocks = new FetchedBlocks(fetched, hasOlder, fetchBytes);
  }

  totalsOf(): Promise<{ id: number; total: number; total_low: number }[]> {
    return Promise.resolve(
      this.of(ROW.TOTAL).map(({ owner, sum, sum_low }) => ({ id: owner, total: sum!, total_low: sum_low! })),
    );
  }

  async *rows(): AsyncGenerator<LogRow[]> {
    const inOrder = this.of(ROW.LOG).toSorted((a, b) => a.members_high - b.members_high);
    if (inOrder.length > 0) yield inOrder.map(logRowOf);
  }

  async *chunks(): AsyncGenerator<ChunkRow[]> {
    yield this.of(ROW.CHUNK).map(chunkOf);
  }

  chunkSums(): never {
    throw new NotFetchedError();
  }

  async *deltaSumsSince(): AsyncGenerator<DeltaSumsRow[]> {
    yield this.of(ROW.SUMS_SINCE).map(sumsSinceOf);
  }

  async lastSamplesBefore(): Promise<{ series_id: number; id: number; at: Date; value: number }[]> {
    if (!this.hasOlder) throw new OlderNotFetchedError();
    return this.of(ROW.LAST_IN_CHUNKS).map(({ owner, id, end_at, sum }) => ({
      series_id: owner,
      id,
      at: end_at,
      value: sum!,
    }));
  }

  private of(kind: FetchedRow['kind']): FetchedRow[] {
    return this.fetched.filter((row) => row.kind === kind);
  }
}

const NEWEST_BEFORE: Readonly<Record<BlockSet, FetchedRow['kind']>> = {
  [BLOCK_SETS.fresh]: ROW.FRESH_BEFORE,
  [BLOCK_SETS.waiting]: ROW.WAITING_BEFORE,
  [BLOCK_SETS.merged]: ROW.MERGED_BEFORE,
};

class FetchedBlocks implements BlockView {
  constructor(
    private readonly fetched: readonly FetchedRow[],
    private readonly hasOlder: boolean,
    private readonly fetchBytes: (wanted: readonly WantedBytes[]) => Promise<PackedPart[] | undefined>,
  ) {}

  async *overlapping(): AsyncGenerator<BlockRow[]> {
    yield this.of(ROW.BLOCK);
  }

  async *since(): AsyncGenerator<BlockRow[]> {
    yield this.of(ROW.BLOCK_SINCE);
  }

  falls(): never {
    throw new NotFetchedError();
  }

  async newestBefore(table: BlockSet, places: readonly BlockPlace[], _at: number, limit: number): Promise<BlockRow[]> {
    if (!this.hasOlder) throw new OlderNotFetchedError();
    const blocks = this.of(NEWEST_BEFORE[table]);
    return places.flatMap(({ bucket, leastEndAt, id }) => {
      // Only the newest blocks of each bucket were fetched.
      if (id !== ANY_ID) throw new NotFetchedError();
      return blocks
        .filter((block) => block.bucket === bucket && block.endAt >= leastEndAt)
        .toSorted((a, b) => b.endAt - a.endAt || b.id - a.id)
        .slice(0, limit);
    });
  }

  async bytes(wanted: readonly WantedBytes[]): Promise<PackedPart[]> {
    if (wanted.length === 0) return [];
    const parts = await this.fetchBytes(wanted);
    if (parts === undefined) throw new NotFetchedError();
    return parts;
  }

  private of(kind: FetchedRow['kind']): BlockRow[] {
    return this.fetched.filter((row) => row.kind === kind).map(blockOf);
  }
}
