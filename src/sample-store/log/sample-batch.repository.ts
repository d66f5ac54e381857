import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { sanitizeText } from '../../outside-text/name.js';
import { CUSTOM_METRICS_DATA_SOURCE } from '../../database/data-source.token.js';
import { distrustConnections } from '../../database/connections/bounded-data-source.js';
import { KnownDatabase, type Landmark } from '../../database/known-database.js';
import { errorCodeOf } from '../../database/outage.js';
import { encodeFloat8Array, encodeInt4Array, encodeInt8Array } from '../../database/binary/packed-array.js';
import { ReceiptConflictError } from '../receipts/receipt-conflict.error.js';
import type { RequestReceipt } from '../receipts/request-receipt.js';
import { DatabaseSchema } from '../../database/schema/database-schema.js';

const UNIQUE_VIOLATION = '23505';

/**
 * Returns SQL that inserts a row through a function, so that Postgres keeps the plan. Planning is a third of the work of a small
 * commit.
 */
const appendTo = (
  schema: DatabaseSchema,
) => `SELECT ${schema}.custom_metrics_append($1::text, $2::int, $3::float8, $4::float8, $5::int, $6::bigint, $7::timestamptz,
  $8::timestamptz, $9::int[], $10::bigint[], $11::float8[]) AS arrival`;

/**
 * Returns SQL that inserts the receipts. It goes in front of the insert of the row (parameters $1 to $9), so that either both are
 * written or neither is.
 */
const insertReceipts = (schema: DatabaseSchema) => `WITH receipts AS (
  INSERT INTO ${schema}.ingest_receipt (token_id, idempotency_key, body_hash, answer)
  SELECT * FROM unnest($10::int[], $11::text[], $12::bytea[], $13::jsonb[]))
`;

/**
 * Returns SQL that keeps the compaction from moving rows of a writer until the statement ends. The query returns nothing if the
 * compaction has already moved the row with the sequence number $2.
 */
const lockedWriter = (schema: DatabaseSchema) => `writer AS MATERIALIZED (
  SELECT 1 FROM ${schema}.sample_writer WHERE id = $1::int AND folded_sequence < $2::bigint FOR UPDATE)`;

/**
 * The outcome of a commit: the time of arrival by the database clock, in milliseconds since the epoch, if the row is in the
 * log; `compacted` if the row was committed and the compaction has moved it since.
 */
export type RowFate = number | 'compacted';

/** A log row to be inserted. */
export interface NewSampleBatch {
  readonly writerId: number;
  readonly sequence: number;
  readonly seriesIds: Int32Array;
  /** The times in milliseconds since the epoch; null if all samples have the time of arrival. */
  readonly timestamps: Float64Array | null;
  readonly values: Float64Array;
  /** The receipts of those requests of the row that have an Idempotency-Key, in an order that all processes share. */
  readonly receipts: readonly RequestReceipt[];
}

/** Contains the SQL that writes the log. */
@Injectable()
export class SampleBatchRepository {
  /** The text of this statement is built only once, because nearly every commit sends it. */
  private readonly appendStatement: string;

  constructor(
    @Inject(CUSTOM_METRICS_DATA_SOURCE) private readonly dataSource: DataSource,
    private readonly known: KnownDatabase,
    private readonly schema: DatabaseSchema,
  ) {
    this.appendStatement = appendTo(schema);
  }

  /**
   * Registers this process as a writer.
   *
   * @param known the database to register in
   */
  async createWriter(known: KnownDatabase): Promise<Landmark> {
    const [writer]: [{ id: number; started_at: Date }] = await this.dataSource.query(
      `INSERT INTO ${this.schema}.sample_writer (alive_at, reads_blocks, follows_corrections, follows_renames, takes_turns)
       SELECT now(), true, true, true, true WHERE ${known.condition(1)} RETURNING id, started_at`,
      [...known.values],
    );
    return { id: writer.id, at: writer.started_at.getTime() };
  }

  /**
   * Commits one log row under a new key.
   *
   * @returns the time of arrival by the database clock, in milliseconds since the epoch
   * @throws ReceiptConflictError if nothing was written because one of the receipts already exists
   */
  async append(batch: NewSampleBatch): Promise<number> {
    try {
      return await (batch.receipts.length > 0 ? this.appendWithReceipts(batch) : this.appendAlone(batch));
    } catch (error) {
      throw errorCodeOf(error) === UNIQUE_VIOLATION ? new ReceiptConflictError() : error;
    }
  }

  /**
   * Commits one log row again if the outcome of an earlier attempt is unknown. If that attempt was committed, nothing is written.
   *
   * In the meantime, the compaction may have moved the row out of the log, which would free its key. The statement therefore
   * locks the writer first, which waits for a running compaction, and then checks which rows of the writer are compacted.
   *
   * @throws ReceiptConflictError if neither this attempt nor an earlier one has written anything because one of the receipts
   * exists
   */
  async appendAgain(batch: NewSampleBatch): Promise<RowFate> {
    try {
      const [row]: { received_at: Date }[] = await this.dataSource.query(
        `WITH ${lockedWriter(this.schema)}, receipts AS (
           INSERT INTO ${this.schema}.ingest_receipt (token_id, idempotency_key, body_hash, answer)
           SELECT receipt.* FROM unnest($10::int[], $11::text[], $12::bytea[], $13::jsonb[]) AS receipt, writer
         )
         ${this.insertFrom('FROM writer')}`,
        [...columnsOfRow(batch), ...this.known.values, ...columnsOf(batch.receipts)],
      );
      if (row !== undefined) return row.received_at.getTime();
    } catch (error) {
      if (errorCodeOf(error) !== UNIQUE_VIOLATION) throw error;
    }
    const fate = await this.findFate(batch.writerId, batch.sequence);
    if (fate === null) throw new ReceiptConflictError();
    return fate;
  }

  /**
   * Settles a row whose outcome is unknown. Unless the row is stored, an empty row takes its key, so that it can't be stored
   * later.
   *
   * @returns null if the row is not committed and never will be
   */
  async settle(writerId: number, sequence: number): Promise<RowFate | null> {
    const taken: unknown[] = await this.dataSource.query(
      `WITH ${lockedWriter(this.schema)}
       INSERT INTO ${this.schema}.sample_batch (writer_id, sequence, series_ids, "values") SELECT $1, $2, '{}', '{}' FROM writer
       WHERE ${this.known.condition(3)}
       ON CONFLICT (writer_id, sequence) DO NOTHING RETURNING sequence`,
      [writerId, sequence, ...this.known.values],
    );
    return taken.length > 0 ? null : this.findFate(writerId, sequence);
  }

  /** Makes the following statements use new connections. Callers use this method after a statement was not answered in time. */
  distrustConnections(): void {
    distrustConnections(this.dataSource);
  }

  /**
   * Returns whether the current database has a row that this process sent to an earlier one. A standby may have received the row
   * before it was promoted.
   */
  async hasRowOf(writer: Landmark, sequence: number): Promise<boolean> {
    const rows: unknown[] = await this.dataSource.query(
      `SELECT 1 FROM ${this.schema}.sample_writer AS writer
       LEFT JOIN ${this.schema}.sample_batch AS batch ON batch.writer_id = writer.id AND batch.sequence = $3
       WHERE writer.id = $1 AND abs(date_part('epoch', writer.started_at) * 1000 - $2) <= 1
         AND (batch.series_ids <> '{}' OR batch.timestamps IS NOT NULL OR (batch.sequence IS NULL AND writer.folded_sequence >= $3)) AND ${this.known.condition(4)}`,
      [writer.id, writer.at, sequence, ...this.known.values],
    );
    return rows.length > 0;
  }

  private async appendAlone(batch: NewSampleBatch): Promise<number> {
    const [row]: [{ arrival: number }] = await this.dataSource.query(this.appendStatement, [
      ...this.known.valuesOfRow,
      ...columnsOfRow(batch),
    ]);
    return row.arrival;
  }

  private async appendWithReceipts(batch: NewSampleBatch): Promise<number> {
    const [row]: [{ received_at: Date }] = await this.dataSource.query(
      insertReceipts(this.schema) + this.insertFrom(''),
      [...columnsOfRow(batch), ...this.known.values, ...columnsOf(batch.receipts)],
    );
    return row.received_at.getTime();
  }

  /** Returns SQL that inserts one row, with the parameters of {@link columnsOfRow} and of the known database. */
  private insertFrom(source: string): string {
    return `INSERT INTO ${this.schema}.sample_batch (writer_id, sequence, earliest_at, latest_at, series_ids, timestamps, "values")
      SELECT $1::int, $2::bigint, $3::timestamptz, $4::timestamptz, $5::int[], $6::bigint[], $7::float8[] ${source}
      WHERE ${this.known.condition(8)}
      RETURNING received_at`;
  }

  /**
   * Returns the outcome of an attempt to write a row: null if the row is absent, or if an empty row has its key. A row that a
   * correction has emptied was committed, and has empty timestamps instead of none.
   */
  private async findFate(writerId: number, sequence: number): Promise<RowFate | null> {
    const [row]: { received_at: Date | null; is_empty: boolean | null; is_compacted: boolean }[] =
      await this.dataSource.query(
        `SELECT batch.received_at, batch.series_ids = '{}' AND batch.timestamps IS NULL AS is_empty, writer.folded_sequence >= $2 AS is_compacted
         FROM ${this.schema}.sample_writer AS writer
         LEFT JOIN ${this.schema}.sample_batch AS batch ON batch.writer_id = writer.id AND batch.sequence = $2
         WHERE writer.id = $1 AND ${this.known.condition(3)}`,
        [writerId, sequence, ...this.known.values],
      );
    if (row === undefined) throw new Error(`The writer ${writerId} of this process is no longer in the database.`);
    if (row.received_at === null) return row.is_compacted ? 'compacted' : null;
    return row.is_empty ? null : row.received_at.getTime();
  }
}

function columnsOfRow({ writerId, sequence, seriesIds, timestamps, values }: NewSampleBatch): unknown[] {
  return [
    writerId,
    sequence,
    timestamps === null ? null : new Date(earliestOf(timestamps)),
    timestamps === null ? null : new Date(latestOf(timestamps)),
    encodeInt4Array(seriesIds),
    timestamps === null ? null : encodeInt8Array(timestamps),
    encodeFloat8Array(values),
  ];
}

function earliestOf(timestamps: Float64Array): number {
  return timestamps.reduce((earliest, timestamp) => Math.min(earliest, timestamp));
}

function latestOf(timestamps: Float64Array): number {
  return timestamps.reduce((latest, timestamp) => Math.max(latest, timestamp));
}

function columnsOf(receipts: readonly RequestReceipt[]): unknown[][] {
  return [
    receipts.map(({ tokenId }) => tokenId),
    receipts.map(({ key }) => key),
    receipts.map(({ bodyHash }) => bodyHash),
    receipts.map(({ answer }) => answer && JSON.stringify(answer, sanitizeValue)),
  ];
}

/** Replaces characters that `jsonb` can't hold, because a single such text would fail the commit of the whole group. */
function sanitizeValue(_name: string, value: unknown): unknown {
  return typeof value === 'string' ? sanitizeText(value) : value;
}
