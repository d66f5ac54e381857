import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { sanitizeText } from '../outside-text/name.js';
import { CUSTOM_METRICS_DATA_SOURCE } from '../database/data-source.token.js';
import { errorCodeOf } from '../database/outage.js';
import { encodeFloat8Array, encodeInt4Array, encodeInt8Array } from '../database/packed-array.js';
import { ReceiptConflictError } from './receipt-conflict.error.js';
import type { RequestReceipt } from './request-receipt.js';
import { SampleBatchEntity } from './sample-batch.entity.js';
import { SampleWriterEntity } from './sample-writer.entity.js';

const UNIQUE_VIOLATION = '23505';

/** In front of the insert of a row, which has the first seven parameters: row and receipts are written both or not at all. */
const INSERT_RECEIPTS = `WITH receipts AS (
  INSERT INTO ingest_receipt (token_id, idempotency_key, body_hash, answer)
  SELECT * FROM unnest($8::int[], $9::text[], $10::bytea[], $11::jsonb[]))
`;

/** Keeps the fold from moving rows of a writer until the statement is through; empty if it has moved this one. */
const LOCKED_WRITER = `writer AS MATERIALIZED (
  SELECT 1 FROM sample_writer WHERE id = $1::int AND folded_sequence < $2::bigint FOR UPDATE)`;

/**
 * What became of a row: its time of arrival by the database's clock, ms since the epoch, if it is in the log; `folded` if it
 * was committed and has left the log since.
 */
export type RowFate = number | 'folded';

/** One log row on its way to Postgres. */
export interface NewSampleBatch {
  readonly writerId: number;
  readonly sequence: number;
  readonly seriesIds: Int32Array;
  /** Milliseconds since the epoch; null when all samples have the time of arrival. */
  readonly timestamps: Float64Array | null;
  readonly values: Float64Array;
  /** Of the requests in it that have an Idempotency-Key, in an order that all processes share. */
  readonly receipts: readonly RequestReceipt[];
}

/** All SQL of the log. */
@Injectable()
export class SampleBatchRepository {
  private statement: string | undefined;

  constructor(@Inject(CUSTOM_METRICS_DATA_SOURCE) private readonly dataSource: DataSource) {}

  /** Registers this process as a writer. */
  async createWriter(): Promise<number> {
    const writer = await this.dataSource
      .getRepository(SampleWriterEntity)
      .save(new SampleWriterEntity(), { transaction: false });
    return writer.id;
  }

  /**
   * Commits one log row under a key that was never used.
   *
   * @returns the time of arrival by the database's clock, ms since the epoch
   * @throws ReceiptConflictError when nothing was written because a receipt is there already
   */
  async append(batch: NewSampleBatch): Promise<number> {
    const hasReceipts = batch.receipts.length > 0;
    const statement = hasReceipts ? INSERT_RECEIPTS + this.insertStatement : this.insertStatement;
    try {
      const [row]: [{ received_at: Date }] = await this.dataSource.query(statement, [
        ...columnsOfRow(batch),
        ...(hasReceipts ? columnsOf(batch.receipts) : []),
      ]);
      return row.received_at.getTime();
    } catch (error) {
      throw errorCodeOf(error) === UNIQUE_VIOLATION ? new ReceiptConflictError() : error;
    }
  }

  /**
   * Commits one log row again, when it is not known whether an earlier try was carried out. If it was, nothing is written.
   *
   * The fold may have moved the row out of the log meanwhile, and its key would be free again. So the writer is locked
   * first, which waits for a fold under way, and then tells how far its rows have left the log.
   *
   * @throws ReceiptConflictError when nothing was written, by this try or an earlier one, because a receipt is there already
   */
  async appendAgain(batch: NewSampleBatch): Promise<RowFate> {
    try {
      const [row]: { received_at: Date }[] = await this.dataSource.query(
        `WITH ${LOCKED_WRITER}, receipts AS (
           INSERT INTO ingest_receipt (token_id, idempotency_key, body_hash, answer)
           SELECT receipt.* FROM unnest($8::int[], $9::text[], $10::bytea[], $11::jsonb[]) AS receipt, writer
         )
         INSERT INTO sample_batch (writer_id, sequence, earliest_at, latest_at, series_ids, timestamps, "values")
         SELECT $1, $2, $3::timestamptz, $4::timestamptz, $5::int[], $6::bigint[], $7::float8[] FROM writer
         RETURNING received_at`,
        [...columnsOfRow(batch), ...columnsOf(batch.receipts)],
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
   * Settles the fate of a row whose outcome is unknown and that nobody waits for any more: an empty row takes its key.
   *
   * @returns null if the row now never will be committed
   */
  async settle(writerId: number, sequence: number): Promise<RowFate | null> {
    const taken: unknown[] = await this.dataSource.query(
      `WITH ${LOCKED_WRITER}
       INSERT INTO sample_batch (writer_id, sequence, series_ids, "values") SELECT $1, $2, '{}', '{}' FROM writer
       ON CONFLICT (writer_id, sequence) DO NOTHING RETURNING sequence`,
      [writerId, sequence],
    );
    return taken.length > 0 ? null : this.findFate(writerId, sequence);
  }

  /**
   * The insert of one row, with its parameters in the order of the entity's columns. TypeORM's query builder writes it, but
   * once: building it anew costs 0.2 ms a commit, which is what ten pushes cost.
   */
  private get insertStatement(): string {
    this.statement ??= this.dataSource
      .getRepository(SampleBatchEntity)
      .createQueryBuilder()
      .insert()
      .values({
        writerId: 0,
        sequence: 0,
        earliestAt: new Date(0),
        latestAt: new Date(0),
        seriesIds: new Int32Array(),
        timestamps: new Float64Array(),
        values: new Float64Array(),
      })
      .returning(['receivedAt'])
      .getQueryAndParameters()[0];
    return this.statement;
  }

  /** What became of a row that was tried to be written; null if it is not there, or an empty one stands in its place. */
  private async findFate(writerId: number, sequence: number): Promise<RowFate | null> {
    const [row]: { received_at: Date | null; is_empty: boolean | null; is_folded: boolean }[] =
      await this.dataSource.query(
        `SELECT batch.received_at, batch.series_ids = '{}' AS is_empty, writer.folded_sequence >= $2 AS is_folded
         FROM sample_writer AS writer
         LEFT JOIN sample_batch AS batch ON batch.writer_id = writer.id AND batch.sequence = $2
         WHERE writer.id = $1`,
        [writerId, sequence],
      );
    if (row === undefined) throw new Error(`The writer ${writerId} of this process is not in the database any more.`);
    if (row.received_at === null) return row.is_folded ? 'folded' : null;
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

/** One text that `jsonb` can't hold would refuse the whole group. */
function sanitizeValue(_name: string, value: unknown): unknown {
  return typeof value === 'string' ? sanitizeText(value) : value;
}
