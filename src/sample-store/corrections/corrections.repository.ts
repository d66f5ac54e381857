import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type QueryRunner } from 'typeorm';
import { HISTOGRAM_SUFFIX } from '../../catalog/metric/histogram-family.js';
import { CUSTOM_METRICS_DATA_SOURCE } from '../../database/data-source.token.js';
import { KnownDatabase } from '../../database/known-database.js';
import { OlderProcessesRepository } from '../../database/older-processes.repository.js';
import { DatabaseSchema } from '../../database/schema/database-schema.js';
import { StoreUnavailableError } from '../../database/store-unavailable.error.js';
import { inTransaction, orBusy } from '../../database/transaction.js';
import type { CorrectedAmount, CorrectionRequest, StoredCorrection } from './correction.js';

const IDLE_TIMEOUT_MS = 20_000;
const RETRY_AFTER_SECONDS = 5;

interface CorrectionRow {
  readonly id: string;
  readonly at: Date;
  readonly token: string | null;
  readonly metric: string;
  readonly labels: string[];
  readonly from_at: Date;
  readonly to_at: Date;
  readonly series_count: number;
  readonly sample_count: string;
  readonly block_count: number;
}

/** Runs the transactions of corrections, and keeps the record of them. */
@Injectable()
export class CorrectionsRepository {
  constructor(
    @Inject(CUSTOM_METRICS_DATA_SOURCE) private readonly dataSource: DataSource,
    private readonly known: KnownDatabase,
    private readonly older: OlderProcessesRepository,
    private readonly schema: DatabaseSchema,
  ) {}

  /**
   * Runs a task in a transaction that excludes the compaction, merges, and corrections of all processes. Samples can still be
   * pushed meanwhile.
   *
   * @param timeoutMs maximum time for each statement
   * @throws StoreUnavailableError if the archive is busy, or if a process is alive that would not notice the correction
   */
  async withLock<T>(timeoutMs: number, task: (transaction: QueryRunner) => Promise<T>): Promise<T> {
    const limits = { statementTimeoutMs: timeoutMs, idleTimeoutMs: IDLE_TIMEOUT_MS };
    return inTransaction(this.dataSource, limits, async (transaction) => {
      await transaction.query(`SELECT ${this.known.condition(1)}`, [...this.known.values]);
      await this.takeLock(transaction);
      // An older process that was frozen, and therefore counts as ended, reloads its live values when it continues, because rows
      // that it has not read were compacted.
      return this.older.runWithout(
        transaction,
        {
          ability: 'follows_corrections',
          consequence: 'It would go on to show the deleted samples, so nothing was deleted.',
        },
        () => task(transaction),
      );
    });
  }

  /**
   * Verifies that the metric or histogram of a request still has its name, and prevents a rename until the transaction ends.
   * Otherwise a process that has not yet learned of a rename would delete samples of the renamed metric.
   *
   * @throws StoreUnavailableError if the metric has been renamed or removed, or if another transaction is doing so
   */
  async holdName(transaction: QueryRunner, { metric, series }: CorrectionRequest): Promise<void> {
    const ids = [...new Set(series.map((each) => each.metric.id))];
    const names = ['', ...Object.values(HISTOGRAM_SUFFIX)].map((suffix) => metric + suffix);
    const rows: unknown[] = await orBusy(
      transaction.query(
        `SELECT 1 FROM ${this.schema}.metric
         WHERE id = ANY($1::int[]) AND name = ANY($2::text[]) AND deleted_at IS NULL ORDER BY id FOR KEY SHARE`,
        [ids, names],
      ),
      `The metric ${metric} is being renamed or removed, so nothing was deleted. Try again after Retry-After.`,
    );
    if (rows.length === ids.length) return;
    throw new StoreUnavailableError(
      `The metric ${metric} has just been renamed or removed, so nothing was deleted. Try again after Retry-After.`,
      RETRY_AFTER_SECONDS,
    );
  }

  /**
   * Records a correction. Every process that reads the new id reloads its live values.
   *
   * @returns the id
   */
  async record(
    transaction: QueryRunner,
    { metric, labels, range, tokenId }: CorrectionRequest,
    { series, samples, blocks }: CorrectedAmount,
  ): Promise<string> {
    const [{ id }]: [{ id: string }] = await transaction.query(
      `INSERT INTO ${this.schema}.correction
         (token_id, metric, labels, from_at, to_at, series_count, sample_count, block_count)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id`,
      [tokenId, metric, labels, new Date(range.from), new Date(range.to), series, samples, blocks],
    );
    return id;
  }

  /** Returns the newest corrections, the latest first. */
  async findNewest(limit: number): Promise<StoredCorrection[]> {
    const rows: CorrectionRow[] = await this.dataSource.query(
      `SELECT correction.id, correction.at, api_token.name AS token, correction.metric, correction.labels, correction.from_at,
              correction.to_at, correction.series_count, correction.sample_count, correction.block_count
       FROM ${this.schema}.correction LEFT JOIN ${this.schema}.api_token ON api_token.id = correction.token_id
       ORDER BY correction.id DESC LIMIT $1`,
      [limit],
    );
    return rows.map((row) => ({
      id: Number(row.id),
      at: row.at.getTime(),
      token: row.token,
      metric: row.metric,
      labels: row.labels,
      from: row.from_at.getTime(),
      to: row.to_at.getTime(),
      series: row.series_count,
      samples: Number(row.sample_count),
      blocks: row.block_count,
    }));
  }

  private async takeLock(transaction: QueryRunner): Promise<void> {
    await orBusy(
      transaction.query('SELECT pg_advisory_xact_lock($1)', [this.schema.lock('archive')]),
      'The archive is busy, so nothing was deleted. Try again after Retry-After.',
    );
  }
}
