import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { SERIES_KIND } from '../../catalog/series/series-kind.js';
import { DatabaseSchema } from '../../database/schema/database-schema.js';
import { RemovalTransactions } from './removal-transactions.repository.js';
import { RemovedBlocksRepository } from './removed-blocks.repository.js';

const SERIES_PER_STATEMENT = 1_000;

/**
 * Finds series that have no stored data, in order to forget them or to delete their rows. The row of a deleted series stays for a day, so
 * that every process has learned of the deletion before the id disappears.
 */
@Injectable()
export class EmptySeriesRepository {
  constructor(
    private readonly transactions: RemovalTransactions,
    private readonly schema: DatabaseSchema,
    private readonly blocks: RemovedBlocksRepository,
  ) {}

  /**
   * Deletes rows of series and metrics that were removed more than a day ago and that have no stored data.
   *
   * @param afterId the result of the previous step, or 0
   * @returns the series to continue after; undefined if nothing is left to do
   */
  async deleteOld(afterId: number): Promise<number | undefined> {
    let next: number | undefined;
    await this.transactions.underLock(async (manager) => {
      const { ids, nextId } = await this.findWithoutSamples(manager, IS_OLD, afterId);
      // A forgotten series that is just being restored is locked, so it is skipped, and afterwards it no longer meets the
      // condition.
      if (ids.length > 0) {
        await manager.query(
          `WITH old AS (
             SELECT id FROM ${this.schema}.series WHERE id = ANY($1::int[]) AND ${IS_OLD} AND ${this.hasNoUnmergedSamples()}
             FOR UPDATE SKIP LOCKED)
           DELETE FROM ${this.schema}.series USING old WHERE series.id = old.id`,
          [ids],
        );
      }
      const [, ofMetrics]: [unknown, number] = await manager.query(
        `DELETE FROM ${this.schema}.metric WHERE id IN (
           SELECT id FROM ${this.schema}.metric
           WHERE deleted_at < now() - interval '1 day' AND NOT EXISTS (SELECT FROM ${this.schema}.series WHERE metric_id = metric.id)
           LIMIT ${SERIES_PER_STATEMENT})`,
      );
      next = nextId ?? (ofMetrics === SERIES_PER_STATEMENT ? (ids.at(-1) ?? afterId) : undefined);
    });
    return next;
  }

  /**
   * Forgets series that have no stored data and have received no sample for a long time: gauges, scraped series, and series that
   * never had a sample. Any other counter with a total stays, because its total may still be shown.
   *
   * The last value of the series is forgotten as well, so that a series that is restored is the same in every process.
   *
   * @param afterId the result of the previous step, or 0
   * @returns the series to continue after; undefined if nothing is left to do
   */
  async forgetIdle(idleSeconds: number, afterId: number): Promise<number | undefined> {
    let next: number | undefined;
    await this.transactions.underLock(async (manager) => {
      const isIdle = isIdleSince(idleSeconds, this.schema);
      const { ids, nextId } = await this.findWithoutSamples(manager, isIdle, afterId);
      next = nextId;
      if (ids.length === 0) return;
      const candidates: { id: number }[] = await manager.query(
        `SELECT id FROM ${this.schema}.series WHERE id = ANY($1::int[]) AND ${isIdle} AND ${this.hasNoUnmergedSamples()}
         FOR UPDATE SKIP LOCKED`,
        [ids],
      );
      if (candidates.length > 0)
        await this.forget(
          manager,
          candidates.map(({ id }) => id),
        );
    });
    return next;
  }

  private async forget(manager: EntityManager, ids: readonly number[]): Promise<void> {
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
      [ids],
    );
    const metricIds = [...new Set(forgotten.map(({ metric_id }) => metric_id))];
    // The new time tells other processes about the removal. This is the last statement, for the reason that RemovalRepository
    // gives.
    await manager.query(`UPDATE ${this.schema}.metric SET updated_at = clock_timestamp() WHERE id = ANY($1::int[])`, [
      metricIds,
    ]);
  }

  /**
   * Returns one page of series that meet a condition and have no sample in chunks and blocks.
   *
   * Merged blocks may be on other servers, so they are asked in a statement of their own. They come last, because blocks only move from
   * the other sets to the merged one. The rows are not locked, so the caller has to check the condition again.
   */
  private async findWithoutSamples(
    manager: EntityManager,
    condition: string,
    afterId: number,
  ): Promise<{ readonly ids: number[]; readonly nextId: number | undefined }> {
    const rows: { id: number }[] = await manager.query(
      `SELECT id FROM ${this.schema}.series WHERE id > $1 AND ${condition} AND ${this.hasNoUnmergedSamples()}
       ORDER BY id LIMIT ${SERIES_PER_STATEMENT}`,
      [afterId],
    );
    if (rows.length === 0) return { ids: [], nextId: undefined };
    const ids = await this.blocks.withoutMergedSamples(
      manager,
      rows.map(({ id }) => id),
    );
    return { ids, nextId: rows.length === SERIES_PER_STATEMENT ? rows.at(-1)!.id : undefined };
  }

  private hasNoUnmergedSamples(): string {
    return `NOT EXISTS (SELECT FROM ${this.schema}.sample_chunk WHERE series_id = series.id) AND NOT ${this.blocks.hasUnmergedSamples()}`;
  }
}

/** The condition for series that were removed more than a day ago. */
const IS_OLD = `(series.deleted_at < now() - interval '1 day' OR series.forgotten_at < now() - interval '1 day')`;

/** Returns the condition for series that may be forgotten. */
function isIdleSince(seconds: number, schema: DatabaseSchema): string {
  return `series.forgotten_at IS NULL AND series.deleted_at IS NULL
          AND coalesce(series.pushed_at, series.created_at) < now() - make_interval(secs => ${seconds})
          AND EXISTS (SELECT FROM ${schema}.metric WHERE metric.id = series.metric_id
            AND (${SERIES_KIND} = 'gauge' OR series.is_scraped OR (series.pushed_at IS NULL AND series.last_at IS NULL)))`;
}
