import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { CUSTOM_METRICS_DATA_SOURCE } from '../../database/data-source.token.js';
import { decodeInt4Array } from '../../database/binary/packed-array.js';
import { inTransaction } from '../../database/transaction.js';
import { KnownDatabase } from '../../database/known-database.js';
import { DatabaseSchema } from '../../database/schema/database-schema.js';

/**
 * Separates the name of a deleted metric from its id. A name can't contain this character (see NameProblem), so the new name of a
 * deleted metric is never that of another one.
 */
const AFTER_DELETED_NAME = '\uFFFD';

/** A series that was forgotten or deleted. */
export interface RemovedSeries {
  readonly id: number;
  readonly isDeleted: boolean;
}

/** The statement timeout is long, because a deletion may touch many rows. */
const DELETION_LIMITS = { statementTimeoutMs: 60_000, idleTimeoutMs: 20_000 };

/**
 * Contains the SQL that deletes metrics and series on request. A deleted row stays for a day, so that every process can learn
 * of the deletion, and code that still holds the id does not find another series. Its name or identity is free immediately.
 *
 * Other processes find changes by a metric's `updated_at`. This column is set last, to the time of that statement, because a
 * long transaction must not be committed with a time that the polls of other processes have already passed.
 */
@Injectable()
export class RemovalRepository {
  constructor(
    @Inject(CUSTOM_METRICS_DATA_SOURCE) private readonly dataSource: DataSource,
    private readonly known: KnownDatabase,
    private readonly schema: DatabaseSchema,
  ) {}

  /**
   * Deletes metrics with all their series, including forgotten ones.
   *
   * @returns the ids of the metrics that this call has deleted; the others were gone already
   */
  deleteMetrics(metrics: readonly { readonly id: number; readonly name: string }[]): Promise<number[]> {
    return this.inTransaction(async (manager) => {
      // This statement waits until series that are being created are committed, and blocks new ones (see
      // CreationRepository.ensureSeries). Names are compared as well, because after a failover an id may belong to another
      // metric.
      const present: { id: number }[] = await manager.query(
        `SELECT metric.id FROM ${this.schema}.metric JOIN unnest($1::int[], $2::text[]) AS doomed (id, name) USING (id, name)
         WHERE deleted_at IS NULL ORDER BY metric.id FOR UPDATE OF metric`,
        [metrics.map(({ id }) => id), metrics.map(({ name }) => name)],
      );
      const metricIds = present.map(({ id }) => id);
      await manager.query(deleteSeriesWhere(this.schema, 'metric_id = ANY($1::int[])'), [metricIds]);
      await manager.query(
        `UPDATE ${this.schema}.metric SET name = name || '${AFTER_DELETED_NAME}' || id, deleted_at = clock_timestamp(), updated_at = clock_timestamp()
         WHERE id = ANY($1::int[])`,
        [metricIds],
      );
      return metricIds;
    });
  }

  /**
   * Deletes series. Their metrics are locked first, as in a restoration, so that the two can't deadlock.
   *
   * @returns the ids of the series that this call has deleted; the others were gone already
   */
  deleteSeries(ids: readonly number[]): Promise<number[]> {
    return this.inTransaction(async (manager) => {
      await manager.query(
        `SELECT FROM ${this.schema}.metric WHERE id IN (SELECT metric_id FROM ${this.schema}.series WHERE id = ANY($1::int[]))
         ORDER BY id FOR NO KEY UPDATE`,
        [ids],
      );
      const [deleted]: [{ id: number; metric_id: number }[], number] = await manager.query(
        `${deleteSeriesWhere(this.schema, 'id = ANY($1::int[])')} RETURNING series.id, series.metric_id`,
        [ids],
      );
      const metricIds = [...new Set(deleted.map(({ metric_id }) => metric_id))];
      await manager.query(`UPDATE ${this.schema}.metric SET updated_at = clock_timestamp() WHERE id = ANY($1::int[])`, [
        metricIds,
      ]);
      return deleted.map(({ id }) => id);
    });
  }

  /**
   * Returns those removed series of the given metrics that still have rows. Each column is sent as one array, because there may
   * be very many series. For the same reason, they are not returned as an array of objects.
   */
  async findRemovedSeries(metricIds: readonly number[]): Promise<Iterable<RemovedSeries>> {
    const [row]: [{ ids: Buffer; deletions: Buffer }] = await this.dataSource.query(
      `SELECT array_send(coalesce(array_agg(id), '{}')) AS ids,
              array_send(coalesce(array_agg((deleted_at IS NOT NULL)::int), '{}')) AS deletions
       FROM ${this.schema}.series WHERE metric_id = ANY($1::int[]) AND (forgotten_at IS NOT NULL OR deleted_at IS NOT NULL)
         AND ${this.known.condition(2)}`,
      [metricIds, ...this.known.values],
    );
    return removedSeriesOf(decodeInt4Array(row.ids), decodeInt4Array(row.deletions));
  }

  private inTransaction<T>(task: (manager: EntityManager) => Promise<T>): Promise<T> {
    const { values } = this.known;
    return inTransaction(this.dataSource, DELETION_LIMITS, async ({ manager }) => {
      await manager.query(`SELECT ${this.known.condition(1)}`, [...values]);
      return task(manager);
    });
  }
}

function* removedSeriesOf(ids: Int32Array, deletions: Int32Array): Generator<RemovedSeries> {
  for (const [place, id] of ids.entries()) yield { id, isDeleted: deletions[place] === 1 };
}

/**
 * Returns a statement that marks series as deleted. Rows are locked in the order of their ids, as in all statements that lock
 * many rows, so that two of them can't deadlock. The id is appended to the identity, which thereby becomes longer than any hash
 * and so frees the original identity for a new series.
 */
function deleteSeriesWhere(schema: DatabaseSchema, condition: string): string {
  return `
    WITH doomed AS (SELECT id FROM ${schema}.series WHERE ${condition} AND deleted_at IS NULL ORDER BY id FOR UPDATE)
    UPDATE ${schema}.series SET deleted_at = clock_timestamp(), identity = identity || int4send(series.id)
    FROM doomed WHERE series.id = doomed.id`;
}
