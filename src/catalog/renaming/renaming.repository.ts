import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type QueryRunner } from 'typeorm';
import { CUSTOM_METRICS_DATA_SOURCE } from '../../database/data-source.token.js';
import { KnownDatabase } from '../../database/known-database.js';
import { OlderProcessesRepository } from '../../database/older-processes.repository.js';
import { errorCodeOf } from '../../database/outage.js';
import { DatabaseSchema } from '../../database/schema/database-schema.js';
import { inTransaction, orBusy } from '../../database/transaction.js';
import { LABELS_BYTES, METRIC_COLUMNS, type MetricRow } from '../catalog.repository.js';
import { Refusal } from '../refusal.js';
import { IS_KNOWN } from '../series/known-series.js';
import { labelSetOf, type LabelSet } from '../series/label-set.js';
import { type RenameOutcome, RenameRefusedError, type RenameRequest, type StoredRename } from './rename.js';
import type { PlannedMetric } from './rename-plan.js';
import { FAMILY_SUFFIXES, type SeriesFacts } from './stored-names.js';

const IDLE_TIMEOUT_MS = 20_000;
const UNIQUE_VIOLATION = '23505';

/** Maximum number of series in one statement, and maximum bytes of their labels, which are read into memory. */
const SERIES_PER_STATEMENT = 1_000;
const BYTES_PER_STATEMENT = 4 * 1024 * 1024;

/** The transaction of one rename. */
export type RenameTransaction = QueryRunner;

/** A series with the properties that a rename needs. */
export interface NamedSeries {
  readonly id: number;
  readonly metricId: number;
  readonly labels: LabelSet;
  readonly isScraped: boolean;
}

/** Contains the SQL of renames. */
@Injectable()
export class RenamingRepository {
  constructor(
    @Inject(CUSTOM_METRICS_DATA_SOURCE) private readonly dataSource: DataSource,
    private readonly known: KnownDatabase,
    private readonly older: OlderProcessesRepository,
    private readonly schema: DatabaseSchema,
  ) {}

  /**
   * Runs a task in a transaction that excludes the renames of all processes.
   *
   * @param timeoutMs maximum time for each statement
   * @throws StoreUnavailableError if another rename runs, or if a process is alive that would not learn the new name
   */
  async inTransaction<T>(timeoutMs: number, task: (transaction: RenameTransaction) => Promise<T>): Promise<T> {
    const limits = { statementTimeoutMs: timeoutMs, idleTimeoutMs: IDLE_TIMEOUT_MS };
    return orBusy(
      inTransaction(this.dataSource, limits, async (transaction) => {
        await transaction.query(`SELECT ${this.known.condition(1)}`, [...this.known.values]);
        await transaction.query('SELECT pg_advisory_xact_lock($1)', [this.schema.lock('rename')]);
        return this.older.runWithout(
          transaction,
          {
            ability: 'follows_renames',
            consequence: 'It would go on to show and to fill the metric under its former name, so nothing was renamed.',
          },
          () => task(transaction),
        );
      }),
      'Another rename is running, or series of the metric are being created or removed. Nothing was renamed; try again after Retry-After.',
    );
  }

  /**
   * Reads metrics by their names.
   *
   * @param isLocked true to lock them until the end of the transaction, so that meanwhile none of them is removed or gets new
   *   series
   */
  findMetrics(transaction: RenameTransaction, names: readonly string[], isLocked: boolean): Promise<MetricRow[]> {
    return transaction.query(
      `SELECT ${METRIC_COLUMNS} FROM ${this.schema}.metric
       WHERE name = ANY($1::text[]) AND deleted_at IS NULL ORDER BY id ${isLocked ? 'FOR UPDATE' : ''}`,
      [names],
    );
  }

  /** Returns facts about the series of each metric. Metrics without series are missing. */
  async findFacts(transaction: RenameTransaction, metricIds: readonly number[]): Promise<Map<number, SeriesFacts>> {
    const rows: { metric_id: number; series: number; pushed: number; has_quantiles: boolean }[] =
      await transaction.query(
        `SELECT metric_id, count(*)::int AS series, count(*) FILTER (WHERE NOT is_scraped)::int AS pushed,
                bool_or(labels ? 'quantile') AS has_quantiles
         FROM ${this.schema}.series WHERE metric_id = ANY($1::int[]) AND ${IS_KNOWN} GROUP BY metric_id`,
        [metricIds],
      );
    return new Map(
      rows.map(({ metric_id, series, pushed, has_quantiles: hasQuantiles }) => [
        metric_id,
        { count: series, pushedCount: pushed, hasQuantiles },
      ]),
    );
  }

  /** Returns the outcome of an identical earlier rename if the metric with the new name still has its name from that rename. */
  async findEarlier(transaction: RenameTransaction, { from, to }: RenameRequest): Promise<RenameOutcome | undefined> {
    if (from.includes('\0')) return undefined;
    const rows: { name: string; series_count: number }[] = await transaction.query(
      `SELECT metric.name, metric_rename.series_count FROM ${this.schema}.metric
       JOIN ${this.schema}.metric_rename ON metric_rename.id = metric.rename_id
       WHERE metric_rename.from_name = $1 AND metric_rename.to_name = $2 AND metric.deleted_at IS NULL
         AND metric.rename_id = (SELECT rename_id FROM ${this.schema}.metric WHERE name = $2 AND deleted_at IS NULL)`,
      [from, to],
    );
    if (rows.length === 0) return undefined;
    const suffixes = new Set(rows.map(({ name }) => name.slice(to.length)));
    const renamed = FAMILY_SUFFIXES.filter((suffix) => suffixes.has(suffix)).map((suffix) => {
      return { from: from + suffix, to: to + suffix };
    });
    return { renamed, series: rows[0]!.series_count, isReplay: true };
  }

  /**
   * Reads the next series of metrics in the order of their ids, including forgotten ones, because they keep their identities.
   * Deleted series are left out, because they have given theirs up.
   */
  async findSeries(
    transaction: RenameTransaction,
    metricIds: readonly number[],
    afterId: number,
  ): Promise<readonly NamedSeries[]> {
    const rows: { id: number; metric_id: number; labels: Record<string, string>; is_scraped: boolean }[] =
      await transaction.query(
        `SELECT id, metric_id, labels, is_scraped FROM (
           SELECT *, sum(bytes) OVER (ORDER BY id ROWS UNBOUNDED PRECEDING) - bytes AS bytes_before
           FROM (SELECT id, metric_id, labels, is_scraped, ${LABELS_BYTES} AS bytes
                 FROM ${this.schema}.series WHERE metric_id = ANY($1::int[]) AND deleted_at IS NULL AND id > $2
                 ORDER BY id LIMIT ${SERIES_PER_STATEMENT}) AS candidate
         ) AS page
         WHERE bytes_before < ${BYTES_PER_STATEMENT} ORDER BY id`,
        [metricIds, afterId],
      );
    return rows.map(({ id, metric_id: metricId, labels, is_scraped: isScraped }) => ({
      id,
      metricId,
      labels: labelSetOf(labels),
      isScraped,
    }));
  }

  /**
   * Changes the identities of series. Rows are locked in the order of their ids, as in all statements that lock many.
   *
   * @param to the new name
   * @throws RenameRefusedError if series with the new name have just been created
   */
  async changeIdentities(
    transaction: RenameTransaction,
    to: string,
    ids: readonly number[],
    identities: readonly Buffer[],
  ): Promise<void> {
    const statement = transaction.query(
      `WITH moved AS (SELECT id FROM ${this.schema}.series WHERE id = ANY($1::int[]) ORDER BY id FOR UPDATE)
       UPDATE ${this.schema}.series SET identity = changed.identity
       FROM moved JOIN unnest($1::int[], $2::bytea[]) AS changed (id, identity) USING (id)
       WHERE series.id = moved.id AND deleted_at IS NULL`,
      [ids, identities],
    );
    await orTaken(statement, to);
  }

  /**
   * Gives metrics their new names, and records the rename. This must be the last statement of the transaction, because other
   * processes find the change by `updated_at`, and their polls look back only a short time.
   *
   * @throws RenameRefusedError if a metric with a new name has just been created
   */
  async renameMetrics(
    transaction: RenameTransaction,
    { from, to, tokenId }: RenameRequest,
    metrics: readonly PlannedMetric[],
    seriesCount: number,
  ): Promise<void> {
    await orTaken(
      transaction.query(
        `WITH number AS (SELECT nextval(pg_get_serial_sequence($1, 'id'))::int AS id),
              recorded AS (
                INSERT INTO ${this.schema}.metric_rename (id, token_id, from_name, to_name, series_count)
                SELECT id, $2::int, $3::text, $4::text, $5::int FROM number)
         UPDATE ${this.schema}.metric SET name = renamed.name, rename_id = number.id, updated_at = clock_timestamp()
         FROM number, unnest($6::int[], $7::text[]) AS renamed (id, name) WHERE metric.id = renamed.id`,
        [
          `${this.schema}.metric`,
          tokenId,
          from,
          to,
          seriesCount,
          metrics.map(({ id }) => id),
          metrics.map((each) => each.to),
        ],
      ),
      to,
    );
  }

  /** Returns the newest renames, the latest first. */
  async findNewest(limit: number): Promise<StoredRename[]> {
    const rows: {
      id: number;
      at: Date;
      token: string | null;
      from_name: string;
      to_name: string;
      series_count: number;
    }[] = await this.dataSource.query(
      `SELECT metric_rename.id, metric_rename.at, api_token.name AS token, metric_rename.from_name, metric_rename.to_name,
              metric_rename.series_count
       FROM ${this.schema}.metric_rename LEFT JOIN ${this.schema}.api_token ON api_token.id = metric_rename.token_id
       ORDER BY metric_rename.id DESC LIMIT $1`,
      [limit],
    );
    return rows.map(({ id, at, token, from_name: from, to_name: to, series_count: series }) => {
      return { id, at: at.getTime(), token, from, to, series };
    });
  }
}

/** @throws RenameRefusedError if a statement fails because a metric with the new name, or a series of it, exists by now */
async function orTaken<T>(statement: Promise<T>, to: string): Promise<T> {
  try {
    return await statement;
  } catch (error) {
    if (errorCodeOf(error) !== UNIQUE_VIOLATION) throw error;
    const message = `A metric ${to}, or one of its counters, has just been created by a push. Choose another name, or remove it first.`;
    throw new RenameRefusedError(new Refusal('type_conflict', message));
  }
}
