import { IS_KNOWN } from '../../catalog/series/known-series.js';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { ADVISORY_LOCKS } from '../../database/advisory-locks.js';
import { CUSTOM_METRICS_DATA_SOURCE } from '../../database/data-source.token.js';
import { inTransaction } from '../../database/transaction.js';
import { KnownDatabase } from '../../database/known-database.js';

/** How much is stored of some series. */
export interface StoredAmount {
  readonly samples: number;
  readonly chunks: number;
}

/** Chunks of one series. */
interface ChunkCount {
  readonly series_id: number;
  readonly chunks: number;
}

/** Rows that one statement deletes at most, roughly: more would hold locks, and vacuum back, for long. */
const ROWS_PER_STATEMENT = 10_000;
const SERIES_PER_STATEMENT = 1_000;

/** Counting reads the log, and every chunk's row. */
const LIMITS = { statementTimeoutMs: 60_000, idleTimeoutMs: 20_000 };

/**
 * All SQL that counts and clears away what is stored of removed series, and that finds out which series to forget. A series
 * row that was deleted stays for a day, so that every process has learned of it before its id means nothing any more.
 */
@Injectable()
export class RemovedSamplesRepository {
  constructor(
    @Inject(CUSTOM_METRICS_DATA_SOURCE) private readonly dataSource: DataSource,
    private readonly known: KnownDatabase,
  ) {}

  /** Counts what is stored of some series, in the chunks and in the log, at one moment. */
  async count(seriesIds: readonly number[]): Promise<StoredAmount> {
    const { samples, chunks } = await this.countWhere('id = ANY($1::int[])', seriesIds);
    return { samples, chunks };
  }

  /** The same for all series of some metrics, and how many series these are. */
  countOfMetrics(metricIds: readonly number[]): Promise<StoredAmount & { readonly series: number }> {
    return this.countWhere(`metric_id = ANY($1::int[]) AND ${IS_KNOWN}`, metricIds);
  }

  private countWhere(condition: string, ids: readonly number[]): Promise<StoredAmount & { readonly series: number }> {
    return this.inTransaction(async (manager) => {
      // Joins, because Postgres looks through an array for each sample anew.
      const [row]: [StoredAmount & { readonly series: number }] = await manager.query(
        `WITH wanted AS MATERIALIZED (SELECT id FROM series WHERE ${condition}),
              chunk AS (
                SELECT count(*) AS chunks, coalesce(sum(sample_count), 0) AS samples
                FROM sample_chunk WHERE series_id = ANY(ARRAY(SELECT id FROM wanted))),
              logged AS (
                SELECT count(*) AS samples FROM sample_batch
                CROSS JOIN LATERAL unnest(series_ids) AS packed (id)
                JOIN wanted ON wanted.id = packed.id)
         SELECT (SELECT count(*) FROM wanted)::float8 AS series,
                (chunk.samples + logged.samples)::float8 AS samples, chunk.chunks::float8 AS chunks FROM chunk, logged
         WHERE ${this.known.condition(2)}`,
        [ids, ...this.known.values],
      );
      return row;
    });
  }

  /** Now, by the database's clock, less some seconds. */
  async secondsAgo(seconds: number): Promise<Date> {
    const [row]: [{ at: Date }] = await this.dataSource.query('SELECT now() - make_interval(secs => $1) AS at', [
      seconds,
    ]);
    return row.at;
  }

  /** Ids of series that were deleted after a time, in pages, in the order of their ids. */
  async findDeletedSeries(after: Date, afterId: number): Promise<number[]> {
    const rows: { id: number }[] = await this.dataSource.query(
      `SELECT id FROM series WHERE deleted_at > $1 AND id > $2 ORDER BY id LIMIT ${SERIES_PER_STATEMENT}`,
      [after, afterId],
    );
    return rows.map(({ id }) => id);
  }

  /**
   * Deletes the chunks of some series, in several statements where they are many.
   *
   * @returns false if another process is clearing away
   */
  async deleteChunks(seriesIds: readonly number[]): Promise<boolean> {
    const counts: ChunkCount[] = await this.inTransaction((manager) =>
      manager.query(
        `SELECT series_id, count(*)::int AS chunks FROM sample_chunk WHERE series_id = ANY($1::int[]) GROUP BY series_id`,
        [seriesIds],
      ),
    );
    for (const ids of inPortions(counts)) {
      const isDone = await this.underLock((manager) =>
        // Said of the series here, too: after a failover the ids may be those of others.
        manager.query(
          `DELETE FROM sample_chunk WHERE series_id IN (SELECT id FROM series WHERE id = ANY($1::int[]) AND deleted_at IS NOT NULL)`,
          [ids],
        ),
      );
      if (!isDone) return false;
    }
    return true;
  }

  /**
   * Deletes rows of series and metrics that were removed more than a day ago and of which nothing is stored.
   *
   * @returns whether there may be more
   */
  async deleteOldRows(): Promise<boolean> {
    let deleted = 0;
    await this.underLock(async (manager) => {
      // A forgotten series that is being brought back is locked, and then no longer what the condition asks for.
      const [, ofSeries]: [unknown, number] = await manager.query(
        `WITH old AS (
           SELECT id FROM series
           WHERE (deleted_at < now() - interval '1 day' OR forgotten_at < now() - interval '1 day')
             AND NOT EXISTS (SELECT FROM sample_chunk WHERE series_id = series.id)
           LIMIT ${SERIES_PER_STATEMENT} FOR UPDATE SKIP LOCKED)
         DELETE FROM series USING old WHERE series.id = old.id`,
      );
      const [, ofMetrics]: [unknown, number] = await manager.query(
        `DELETE FROM metric WHERE id IN (
           SELECT id FROM metric
           WHERE deleted_at < now() - interval '1 day' AND NOT EXISTS (SELECT FROM series WHERE metric_id = metric.id)
           LIMIT ${SERIES_PER_STATEMENT})`,
      );
      deleted = Math.max(ofSeries, ofMetrics);
    });
    return deleted === SERIES_PER_STATEMENT;
  }

  /**
   * Forgets series of which nothing is stored and nothing has come for long: gauges, and anything that never had a sample.
   * A total that counted stays, because what it counted may still be shown.
   *
   * What the series last held is forgotten with it, so that it comes back the same on every process.
   *
   * @returns whether there may be more
   */
  async forgetIdle(idleSeconds: number): Promise<boolean> {
    let found = 0;
    await this.underLock(async (manager) => {
      const candidates: { id: number }[] = await manager.query(
        `SELECT series.id FROM series JOIN metric ON metric.id = series.metric_id
         WHERE series.forgotten_at IS NULL AND series.deleted_at IS NULL
           AND coalesce(series.pushed_at, series.created_at) < now() - make_interval(secs => $1)
           AND ((metric.type = 'gauge' AND series.temporality IS DISTINCT FROM 'delta') OR (series.pushed_at IS NULL AND series.last_at IS NULL))
           AND NOT EXISTS (SELECT FROM sample_chunk WHERE series_id = series.id)
         LIMIT ${SERIES_PER_STATEMENT} FOR UPDATE OF series SKIP LOCKED`,
        [idleSeconds],
      );
      if (candidates.length === 0) return;
      const [forgotten]: [{ metric_id: number }[], number] = await manager.query(
        `WITH candidate AS (SELECT id FROM unnest($1::int[]) AS candidate (id)),
              logged AS (
                SELECT DISTINCT candidate.id FROM sample_batch
                CROSS JOIN LATERAL unnest(series_ids) AS packed (id)
                JOIN candidate ON candidate.id = packed.id)
         UPDATE series SET forgotten_at = clock_timestamp(), last_value = NULL, last_at = NULL,
                           last_received_at = NULL, last_writer_id = NULL, last_sequence = NULL
         FROM candidate
         WHERE series.id = candidate.id AND NOT EXISTS (SELECT FROM logged WHERE logged.id = candidate.id)
         RETURNING series.metric_id`,
        [candidates.map(({ id }) => id)],
      );
      found = forgotten.length;
      const metricIds = [...new Set(forgotten.map(({ metric_id }) => metric_id))];
      // Other processes learn of it by that; last, as in every removal.
      await manager.query('UPDATE metric SET updated_at = clock_timestamp() WHERE id = ANY($1::int[])', [metricIds]);
    });
    return found === SERIES_PER_STATEMENT;
  }

  /** @returns whether the lock was free and the task was done */
  private underLock(task: (manager: EntityManager) => Promise<unknown>): Promise<boolean> {
    return this.inTransaction(async (manager) => {
      const [lock]: [{ is_free: boolean }] = await manager.query('SELECT pg_try_advisory_xact_lock($1) AS is_free', [
        ADVISORY_LOCKS.removedSamples,
      ]);
      if (lock.is_free) await task(manager);
      return lock.is_free;
    });
  }

  private inTransaction<T>(task: (manager: EntityManager) => Promise<T>): Promise<T> {
    return inTransaction(this.dataSource, LIMITS, ({ manager }) => task(manager));
  }
}

/** Cuts series into portions of so many chunks as one statement may delete. */
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
