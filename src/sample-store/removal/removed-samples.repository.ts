import { IS_KNOWN } from '../../catalog/series/known-series.js';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { CUSTOM_METRICS_DATA_SOURCE } from '../../database/data-source.token.js';
import { KnownDatabase } from '../../database/known-database.js';
import { memberSampleCount } from '../archive/stored-blocks/member-samples-sql.js';
import { unmergedBlocks } from '../archive/turns/block-sets-sql.js';
import { isCurrent } from '../archive/turns/current-blocks-sql.js';
import { RemovalTransactions } from './removal-transactions.repository.js';
import { RemovedBlocksRepository } from './removed-blocks.repository.js';
import { DatabaseSchema } from '../../database/schema/database-schema.js';

/** The amount of stored data of some series. */
export interface StoredAmount {
  readonly samples: number;
  /** The number of rows of blocks and chunks that have samples of these series. */
  readonly chunks: number;
}

/** The number of chunks of one series. */
interface ChunkCount {
  readonly series_id: number;
  readonly chunks: number;
}

/** Approximate maximum number of rows that one statement deletes. More rows would be locked for a long time, and delay vacuum. */
const ROWS_PER_STATEMENT = 10_000;
const SERIES_PER_STATEMENT = 1_000;

/** Counts and deletes the stored data of removed series. */
@Injectable()
export class RemovedSamplesRepository {
  constructor(
    @Inject(CUSTOM_METRICS_DATA_SOURCE) private readonly dataSource: DataSource,
    private readonly transactions: RemovalTransactions,
    private readonly known: KnownDatabase,
    private readonly schema: DatabaseSchema,
    private readonly blocks: RemovedBlocksRepository,
  ) {}

  /** Counts the stored data of some series in blocks, chunks and log, in one snapshot. */
  async count(seriesIds: readonly number[]): Promise<StoredAmount> {
    const { samples, chunks } = await this.countWhere('id = ANY($1::int[])', seriesIds);
    return { samples, chunks };
  }

  /** Counts the series of some metrics and their stored data. */
  countOfMetrics(metricIds: readonly number[]): Promise<StoredAmount & { readonly series: number }> {
    return this.countWhere(`metric_id = ANY($1::int[]) AND ${IS_KNOWN}`, metricIds);
  }

  private countWhere(condition: string, ids: readonly number[]): Promise<StoredAmount & { readonly series: number }> {
    return this.transactions.run(async (manager) => {
      // A join is used because Postgres would search an array of ids again for each sample.
      const [row]: [StoredAmount & { readonly series: number }] = await manager.query(
        `WITH wanted AS MATERIALIZED (SELECT id FROM ${this.schema}.series WHERE ${condition}),
              chunk AS (
                SELECT count(*) AS chunks, coalesce(sum(sample_count), 0) AS samples
                FROM ${this.schema}.sample_chunk WHERE series_id = ANY(ARRAY(SELECT id FROM wanted))),
              unmerged AS (${this.countIn(unmergedBlocks(this.schema, 'bucket, end_at, id, members, directory'))}),
              merged AS (${this.countIn(`${this.schema}.sample_block_merged`, `WHERE ${isCurrent('block', this.schema)}`)}),
              logged AS (
                SELECT count(*) AS samples FROM ${this.schema}.sample_batch
                CROSS JOIN LATERAL unnest(series_ids) AS packed (id)
                JOIN wanted ON wanted.id = packed.id)
         SELECT (SELECT count(*) FROM wanted)::float8 AS series,
                (unmerged.samples + merged.samples + chunk.samples + logged.samples)::float8 AS samples,
                (unmerged.blocks + merged.blocks + chunk.chunks)::float8 AS chunks FROM unmerged, merged, chunk, logged
         WHERE ${this.known.condition(2)}`,
        [ids, ...this.known.values],
      );
      return row;
    });
  }

  /** Returns SQL that counts the blocks of a table, and their samples, of the series in `wanted`. */
  private countIn(table: string, condition = ''): string {
    return `SELECT count(*) AS blocks, coalesce(sum(samples), 0) AS samples FROM (
              SELECT sum(${memberSampleCount('block', '(wanted.id & 63)')}) AS samples
              FROM wanted JOIN ${table} AS block
                ON block.bucket = wanted.id >> 6 AND (block.members >> (wanted.id & 63)) & 1 = 1
              ${condition} GROUP BY block.bucket, block.end_at, block.id) AS each`;
  }

  /** Returns the time that was a number of seconds ago, by the database clock. */
  async secondsAgo(seconds: number): Promise<Date> {
    const [row]: [{ at: Date }] = await this.dataSource.query('SELECT now() - make_interval(secs => $1) AS at', [
      seconds,
    ]);
    return row.at;
  }

  /** Returns one page of the ids of series that were deleted after a time, in ascending order. */
  async findDeletedSeries(after: Date, afterId: number): Promise<number[]> {
    const rows: { id: number }[] = await this.dataSource.query(
      `SELECT id FROM ${this.schema}.series WHERE deleted_at > $1 AND id > $2 ORDER BY id LIMIT ${SERIES_PER_STATEMENT}`,
      [after, afterId],
    );
    return rows.map(({ id }) => id);
  }

  /**
   * Deletes the samples of some series from chunks and blocks, in several statements if there are many.
   *
   * @returns false if another process is deleting, or if merged blocks can't be changed now
   */
  async deleteSamples(seriesIds: readonly number[]): Promise<boolean> {
    const counts: ChunkCount[] = await this.transactions.run((manager) =>
      manager.query(
        `SELECT series_id, count(*)::int AS chunks FROM ${this.schema}.sample_chunk WHERE series_id = ANY($1::int[]) GROUP BY series_id`,
        [seriesIds],
      ),
    );
    for (const ids of inPortions(counts)) {
      const isDone = await this.transactions.underLock((manager) =>
        // The statement checks again whether the series are deleted, because after a failover the ids may belong to other
        // series.
        manager.query(
          `DELETE FROM ${this.schema}.sample_chunk WHERE series_id IN (SELECT id FROM ${this.schema}.series WHERE id = ANY($1::int[]) AND deleted_at IS NOT NULL)`,
          [ids],
        ),
      );
      if (!isDone) return false;
    }
    for (let isMore = true; isMore;) {
      isMore = false;
      const isDone = await this.transactions.underLock(async (manager) => {
        isMore = await this.blocks.deleteSome(manager, seriesIds);
      });
      if (!isDone) return false;
    }
    for (let isMore: boolean | undefined = true; isMore;) {
      isMore = await this.blocks.deleteSomeMerged(seriesIds);
      if (isMore === undefined) return false;
    }
    return true;
  }
}

/**
 * Splits series into batches that have at most {@link ROWS_PER_STATEMENT} chunks. A series with more chunks is a batch of its
 * own.
 */
function inPortions(counts: readonly ChunkCount[]): number[][] {
  const portions: number[][] = [];
  let room = 0;
  for (const { series_id, chunks } of counts) {
    if (room < chunks) {
      portions.push([]);
      room = ROWS_PER_STATEMENT;
    }
    portions.at(-1)!.push(series_id);
    room -= chunks;
  }
  return portions;
}
