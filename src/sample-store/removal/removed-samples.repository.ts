import { IS_KNOWN } from '../../catalog/series/known-series.js';
import { SERIES_KIND } from '../../catalog/series/series-kind.js';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { CUSTOM_METRICS_DATA_SOURCE } from '../../database/data-source.token.js';
import { inTransaction } from '../../database/transaction.js';
import { KnownDatabase } from '../../database/known-database.js';
import { memberSampleCount } from '../archive/stored-blocks/member-samples-sql.js';
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

/** The statement timeout is long enough for counting, which reads the log and the row of every block and chunk. */
const LIMITS = { statementTimeoutMs: 60_000, idleTimeoutMs: 20_000 };

/**
 * Counts and deletes the stored data of removed series, and finds the series to forget. The row of a deleted series stays for a
 * day, so that every process has learned of the deletion before the id disappears.
 */
@Injectable()
export class RemovedSamplesRepository {
  constructor(
    @Inject(CUSTOM_METRICS_DATA_SOURCE) private readonly dataSource: DataSource,
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
    return this.inTransaction(async (manager) => {
      // A join is used because Postgres would search an array of ids again for each sample.
      const [row]: [StoredAmount & { readonly series: number }] = await manager.query(
        `WITH wanted AS MATERIALIZED (SELECT id FROM ${this.schema}.series WHERE ${condition}),
              chunk AS (
                SELECT count(*) AS chunks, coalesce(sum(sample_count), 0) AS samples
                FROM ${this.schema}.sample_chunk WHERE series_id = ANY(ARRAY(SELECT id FROM wanted))),
              in_blocks AS (
                SELECT count(DISTINCT (block.bucket, block.end_at, block.id)) AS blocks,
                       coalesce(sum(${memberSampleCount('block', '(wanted.id & 63)')}), 0) AS samples
                FROM wanted JOIN ${this.schema}.sample_block AS block
                  ON block.bucket = wanted.id >> 6 AND (block.members >> (wanted.id & 63)) & 1 = 1),
              logged AS (
                SELECT count(*) AS samples FROM ${this.schema}.sample_batch
                CROSS JOIN LATERAL unnest(series_ids) AS packed (id)
                JOIN wanted ON wanted.id = packed.id)
         SELECT (SELECT count(*) FROM wanted)::float8 AS series,
                (in_blocks.samples + chunk.samples + logged.samples)::float8 AS samples,
                (in_blocks.blocks + chunk.chunks)::float8 AS chunks FROM in_blocks, chunk, logged
         WHERE ${this.known.condition(2)}`,
        [ids, ...this.known.values],
      );
      return row;
    });
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
    const counts: ChunkCount[] = await this.inTransaction((manager) =>
      manager.query(
        `SELECT series_id, count(*)::int AS chunks FROM ${this.schema}.sample_chunk WHERE series_id = ANY($1::int[]) GROUP BY series_id`,
        [seriesIds],
      ),
    );
    for (const ids of inPortions(counts)) {
      const isDone = await this.underLock((manager) =>
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
      const isDone = await this.underLock(async (manager) => {
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

  /**
   * Deletes rows of series and metrics that were removed more than a day ago and that have no stored data.
   *
   * @returns whether there may be more to delete
   */
  async deleteOldRows(): Promise<boolean> {
    let deleted = 0;
    await this.underLock(async (manager) => {
      // A forgotten series that is just being restored is locked, so it is skipped, and afterwards it no longer meets the
      // condition.
      const [, ofSeries]: [unknown, number] = await manager.query(
        `WITH old AS (
           SELECT id FROM ${this.schema}.series
           WHERE (deleted_at < now() - interval '1 day' OR forgotten_at < now() - interval '1 day')
             AND NOT EXISTS (SELECT FROM ${this.schema}.sample_chunk WHERE series_id = series.id)
             AND NOT ${this.blocks.hasSamples()}
           LIMIT ${SERIES_PER_STATEMENT} FOR UPDATE SKIP LOCKED)
         DELETE FROM ${this.schema}.series USING old WHERE series.id = old.id`,
      );
      const [, ofMetrics]: [unknown, number] = await manager.query(
        `DELETE FROM ${this.schema}.metric WHERE id IN (
           SELECT id FROM ${this.schema}.metric
           WHERE deleted_at < now() - interval '1 day' AND NOT EXISTS (SELECT FROM ${this.schema}.series WHERE metric_id = metric.id)
           LIMIT ${SERIES_PER_STATEMENT})`,
      );
      deleted = Math.max(ofSeries, ofMetrics);
    });
    return deleted === SERIES_PER_STATEMENT;
  }

  /**
   * Forgets series that have no stored data and have received no sample for a long time: gauges, scraped series, and series that
   * never had a sample. Any other counter with a total stays, because its total may still be shown.
   *
   * The last value of the series is forgotten as well, so that a series that is restored is the same in every process.
   *
   * @returns whether there may be more to forget
   */
  async forgetIdle(idleSeconds: number): Promise<boolean> {
    let found = 0;
    await this.underLock(async (manager) => {
      const candidates: { id: number }[] = await manager.query(
        `SELECT series.id FROM ${this.schema}.series JOIN ${this.schema}.metric ON metric.id = series.metric_id
         WHERE series.forgotten_at IS NULL AND series.deleted_at IS NULL
           AND coalesce(series.pushed_at, series.created_at) < now() - make_interval(secs => $1)
           AND (${SERIES_KIND} = 'gauge' OR series.is_scraped OR (series.pushed_at IS NULL AND series.last_at IS NULL))
           AND NOT EXISTS (SELECT FROM ${this.schema}.sample_chunk WHERE series_id = series.id)
           AND NOT ${this.blocks.hasSamples()}
         LIMIT ${SERIES_PER_STATEMENT} FOR UPDATE OF series SKIP LOCKED`,
        [idleSeconds],
      );
      if (candidates.length === 0) return;
      const [forgotten]: [{ metric_id: number }[], number] = await manager.query(
        `WITH candidate AS (SELECT id FROM unnest($1::int[]) AS candidate (id)),
              logged AS (
                SELECT DISTINCT candidate.id FROM ${this.schema}.sample_batch
                CROSS JOIN LATERAL unnest(series_ids) AS packed (id)
                JOIN candidate ON candidate.id = packed.id)
         UPDATE ${this.schema}.series SET forgotten_at = clock_timestamp(), last_value = NULL, last_at = NULL,
                           last_received_at = NULL, last_writer_id = NULL, last_sequence = NULL
         FROM candidate
         WHERE series.id = candidate.id AND NOT EXISTS (SELECT FROM logged WHERE logged.id = candidate.id)
         RETURNING series.metric_id`,
        [candidates.map(({ id }) => id)],
      );
      found = forgotten.length;
      const metricIds = [...new Set(forgotten.map(({ metric_id }) => metric_id))];
      // The new time tells other processes about the removal. This is the last statement, for the reason that RemovalRepository
      // gives.
      await manager.query(`UPDATE ${this.schema}.metric SET updated_at = clock_timestamp() WHERE id = ANY($1::int[])`, [
        metricIds,
      ]);
    });
    return found === SERIES_PER_STATEMENT;
  }

  /**
   * Runs a task unless another process has the lock.
   *
   * @returns whether the task has run
   */
  private underLock(task: (manager: EntityManager) => Promise<unknown>): Promise<boolean> {
    return this.inTransaction(async (manager) => {
      const [lock]: [{ is_free: boolean }] = await manager.query('SELECT pg_try_advisory_xact_lock($1) AS is_free', [
        this.schema.lock('removedSamples'),
      ]);
      if (lock.is_free) await task(manager);
      return lock.is_free;
    });
  }

  private inTransaction<T>(task: (manager: EntityManager) => Promise<T>): Promise<T> {
    return inTransaction(this.dataSource, LIMITS, ({ manager }) => task(manager));
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
