import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { CUSTOM_METRICS_DATA_SOURCE } from '../../database/data-source.token.js';
import { decodeInt4Array } from '../../database/binary/packed-array.js';
import { inTransaction } from '../../database/transaction.js';
import { KnownDatabase } from '../../database/known-database.js';

/** A series that was forgotten or deleted. */
export interface RemovedSeries {
  readonly id: number;
  readonly isDeleted: boolean;
}

/** A deletion waits for whoever creates series of the metric, and may touch very many rows. */
const DELETION_LIMITS = { statementTimeoutMs: 60_000, idleTimeoutMs: 20_000 };

/**
 * All SQL that deletes metrics and series on purpose. A deleted row stays for a day, so that every process can learn of it
 * and nothing that still holds its id meets another series; its name or identity is free at once.
 *
 * A metric's `updated_at` is what other processes look for. It is set last, and to the time of that moment: a transaction
 * that takes long must not be committed with a time that others have looked past.
 */
@Injectable()
export class RemovalRepository {
  constructor(
    @Inject(CUSTOM_METRICS_DATA_SOURCE) private readonly dataSource: DataSource,
    private readonly known: KnownDatabase,
  ) {}

  /**
   * Deletes metrics with all their series, forgotten ones included.
   *
   * @returns ids of the metrics that this call deleted; others were gone already
   */
  deleteMetrics(metrics: readonly { readonly id: number; readonly name: string }[]): Promise<number[]> {
    return this.inTransaction(async (manager) => {
      // Waits until series that are being created are committed, and keeps new ones out (see CatalogRepository.ensureSeries).
      // By their names, too: after a failover an id may be that of another metric.
      const present: { id: number }[] = await manager.query(
        `SELECT metric.id FROM metric JOIN unnest($1::int[], $2::text[]) AS doomed (id, name) USING (id, name)
         WHERE deleted_at IS NULL ORDER BY metric.id FOR UPDATE OF metric`,
        [metrics.map(({ id }) => id), metrics.map(({ name }) => name)],
      );
      const metricIds = present.map(({ id }) => id);
      await manager.query(deleteSeriesWhere('metric_id = ANY($1::int[])'), [metricIds]);
      // No metric name can contain a #.
      await manager.query(
        `UPDATE metric SET name = name || '#' || id, deleted_at = clock_timestamp(), updated_at = clock_timestamp()
         WHERE id = ANY($1::int[])`,
        [metricIds],
      );
      return metricIds;
    });
  }

  /**
   * Deletes series.
   *
   * @returns ids of those that this call deleted; others were gone already
   */
  deleteSeries(ids: readonly number[]): Promise<number[]> {
    return this.inTransaction(async (manager) => {
      const [deleted]: [{ id: number; metric_id: number }[], number] = await manager.query(
        `${deleteSeriesWhere('id = ANY($1::int[])')} RETURNING series.id, series.metric_id`,
        [ids],
      );
      const metricIds = [...new Set(deleted.map(({ metric_id }) => metric_id))];
      await manager.query('UPDATE metric SET updated_at = clock_timestamp() WHERE id = ANY($1::int[])', [metricIds]);
      return deleted.map(({ id }) => id);
    });
  }

  /** Series of some metrics that were removed and whose rows are still there. In one value: there may be very many. */
  async findRemovedSeries(metricIds: readonly number[]): Promise<RemovedSeries[]> {
    const [row]: [{ ids: Buffer; deletions: Buffer }] = await this.dataSource.query(
      `SELECT array_send(coalesce(array_agg(id), '{}')) AS ids,
              array_send(coalesce(array_agg((deleted_at IS NOT NULL)::int), '{}')) AS deletions
       FROM series WHERE metric_id = ANY($1::int[]) AND (forgotten_at IS NOT NULL OR deleted_at IS NOT NULL)
         AND ${this.known.condition(2)}`,
      [metricIds, ...this.known.values],
    );
    const deletions = decodeInt4Array(row.deletions);
    return Array.from(decodeInt4Array(row.ids), (id, place) => ({ id, isDeleted: deletions[place] === 1 }));
  }

  private inTransaction<T>(task: (manager: EntityManager) => Promise<T>): Promise<T> {
    const { values } = this.known;
    return inTransaction(this.dataSource, DELETION_LIMITS, async ({ manager }) => {
      await manager.query(`SELECT ${this.known.condition(1)}`, [...values]);
      return task(manager);
    });
  }
}

/**
 * Rows are locked in the order of their ids, as everybody does who locks many. The identity gets the id behind it: longer
 * than any hash, it is free for a new series and meets no other.
 */
function deleteSeriesWhere(condition: string): string {
  return `
    WITH doomed AS (SELECT id FROM series WHERE ${condition} AND deleted_at IS NULL ORDER BY id FOR UPDATE)
    UPDATE series SET deleted_at = clock_timestamp(), identity = identity || int4send(series.id)
    FROM doomed WHERE series.id = doomed.id`;
}
