import { IS_KNOWN } from '../../catalog/series/known-series.js';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type QueryRunner } from 'typeorm';
import { CUSTOM_METRICS_DATA_SOURCE } from '../../database/data-source.token.js';
import { inSnapshot } from '../../database/transaction.js';
import { PageMemory } from '../../database/binary/page-memory.js';
import { KnownDatabase } from '../../database/known-database.js';
import { RunnerStatements } from './runner-statements.repository.js';
import { type LendingStatements, rowsOf } from './statements.js';
import {
  decodeSeriesTotals,
  type PackedSeriesTotals,
  SERIES_TOTALS_COLUMNS,
  type SeriesTotalsPage,
} from './live/series-totals-page.js';
import { StoredSamples } from './stored-samples.repository.js';
import { DatabaseSchema } from '../../database/schema/database-schema.js';
import { EMPTIED_SETS } from '../archive/chunk/chunk-partitions.js';

/**
 * The time limits of a read. One step may take longer than a statement of ingestion, but it may not wait longer for a lock. A
 * client that reads its response slowly keeps the transaction open, which delays vacuum but locks no row.
 */
const READ_LIMITS = { statementTimeoutMs: 60_000, idleTimeoutMs: 900_000 };

/** The number of series in a page of totals. Restoring a page blocks the event loop for a few milliseconds, and Postgres reads it in 14 ms. */
const TOTALS_PAGE = 5_000;

/**
 * Reads one consistent view of the log, the blocks, the chunks and the totals. Commits that happen while the view is open are not
 * visible in it.
 */
export class StoreSnapshot extends StoredSamples {
  /** The statements of this view, for use by another thread. */
  readonly lending: LendingStatements;

  constructor(
    private readonly runner: QueryRunner,
    schema: DatabaseSchema,
    memory = new PageMemory(),
  ) {
    const statements = new RunnerStatements(runner, memory);
    super(statements, schema);
    this.lending = statements;
  }

  /** Runs a statement of another repository in the same view. */
  query<Rows>(sql: string, values?: unknown[]): Promise<Rows> {
    return this.runner.query(sql, values);
  }

  /** Returns the newest compacted sequence number of each writer. */
  async compactedSequences(): Promise<Map<number, number>> {
    const rows: { id: number; folded_sequence: string }[] = await this.runner.query(
      `SELECT id, folded_sequence FROM ${this.schema}.sample_writer`,
    );
    return new Map(rows.map(({ id, folded_sequence }) => [id, Number(folded_sequence)]));
  }

  /** Returns the id of the newest correction, or 0 if there is none. */
  async newestCorrection(): Promise<number> {
    const [row]: [{ id: string }] = await this.runner.query(
      `SELECT coalesce(max(id), 0) AS id FROM ${this.schema}.correction`,
    );
    return Number(row.id);
  }

  /**
   * Reads a page of the totals of series that have compacted samples, in the order of their ids.
   *
   * @param afterId the id of the last series of the page before, or 0
   * @returns undefined after the last page
   */
  async totalsAfter(afterId: number): Promise<SeriesTotalsPage | undefined> {
    const page = await this.statements.query(
      `SELECT ${SERIES_TOTALS_COLUMNS} FROM (
         SELECT * FROM ${this.schema}.series
         WHERE id > $1::int AND last_at IS NOT NULL AND ${IS_KNOWN}
         ORDER BY id LIMIT ${TOTALS_PAGE}
       ) AS page`,
      [afterId],
    );
    const [packed] = rowsOf<PackedSeriesTotals | { ids: null }>(page);
    return packed!.ids === null ? undefined : decodeSeriesTotals(packed as PackedSeriesTotals);
  }
}

/** Opens snapshots of the store. */
@Injectable()
export class StoreSnapshotRepository {
  private readonly locked: readonly string[];
  private readonly memory = new PageMemory();

  /** @param known the identity of the expected database; for a replica, one that accepts any database */
  constructor(
    @Inject(CUSTOM_METRICS_DATA_SOURCE) private readonly dataSource: DataSource,
    private readonly known: KnownDatabase,
    private readonly schema: DatabaseSchema,
  ) {
    this.locked = EMPTIED_SETS.map((set) => `${schema}.${set}`);
  }

  /**
   * Runs a task that reads one consistent view. The view ends when the task ends or fails.
   *
   * @param waitedMs how long the request has waited for Postgres before
   */
  withSnapshot<T>(task: (snapshot: StoreSnapshot) => Promise<T>, waitedMs = 0): Promise<T> {
    const check = async (runner: QueryRunner) => {
      // A replica may lag so far that it does not have the function of the condition.
      if (!this.known.isAnything) await runner.query(`SELECT ${this.known.condition(1)}`, [...this.known.values]);
      return task(new StoreSnapshot(runner, this.schema, this.memory));
    };
    return inSnapshot(this.dataSource, { ...READ_LIMITS, waitedMs }, check, this.locked);
  }

  /** Runs a task in a snapshot of any database, in order to identify the database. The start of the service waits for locks. */
  withSnapshotOfAny<T>(task: (snapshot: StoreSnapshot) => Promise<T>): Promise<T> {
    const limits = { ...READ_LIMITS, isBackground: true };
    return inSnapshot(
      this.dataSource,
      limits,
      (runner) => task(new StoreSnapshot(runner, this.schema, this.memory)),
      this.locked,
    );
  }
}
