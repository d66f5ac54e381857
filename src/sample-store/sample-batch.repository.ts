import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { sanitizeText } from '../catalog/metric-name.js';
import { CUSTOM_METRICS_DATA_SOURCE } from '../database/data-source.token.js';
import { errorCodeOf } from '../database/outage.js';
import { encodeFloat8Array, encodeInt4Array, encodeInt8Array } from './packed-array.js';
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
    const writer = await this.dataSource.getRepository(SampleWriterEntity).save(new SampleWriterEntity());
    return writer.id;
  }

  /**
   * Commits one log row. Repeating it with the same key is safe: if an earlier try had been carried out, nothing is
   * written and its time of arrival is returned.
   *
   * @returns the time of arrival by the database's clock, ms since the epoch
   * @throws ReceiptConflictError when nothing was written, by this try or an earlier one, because a receipt is there already
   */
  async append(batch: NewSampleBatch): Promise<number> {
    const { timestamps, receipts } = batch;
    const hasReceipts = receipts.length > 0;
    const statement = hasReceipts ? INSERT_RECEIPTS + this.insertStatement : this.insertStatement;
    try {
      const [row]: [{ received_at: Date }] = await this.dataSource.query(statement, [
        batch.writerId,
        batch.sequence,
        timestamps === null ? null : new Date(earliestOf(timestamps)),
        timestamps === null ? null : new Date(latestOf(timestamps)),
        encodeInt4Array(batch.seriesIds),
        timestamps === null ? null : encodeInt8Array(timestamps),
        encodeFloat8Array(batch.values),
        ...(hasReceipts ? columnsOf(receipts) : []),
      ]);
      return row.received_at.getTime();
    } catch (error) {
      if (errorCodeOf(error) !== UNIQUE_VIOLATION) throw error;
      // A try that is repeated meets its own receipts, too: the row tells whether it was carried out.
      const receivedAt = await this.findReceivedAt(batch.writerId, batch.sequence);
      if (receivedAt === undefined) throw new ReceiptConflictError();
      return receivedAt;
    }
  }

  /**
   * Settles the fate of a row whose outcome is unknown and that nobody waits for any more: an empty row takes its key.
   *
   * @returns the time of arrival if the row had been committed after all; null if it now never will be
   */
  async settle(writerId: number, sequence: number): Promise<number | null> {
    const taken: unknown[] = await this.dataSource.query(
      `INSERT INTO sample_batch (writer_id, sequence, series_ids, "values") VALUES ($1, $2, '{}', '{}')
       ON CONFLICT (writer_id, sequence) DO NOTHING RETURNING sequence`,
      [writerId, sequence],
    );
    if (taken.length > 0) return null;
    const [stored]: [{ received_at: Date; is_empty: boolean }] = await this.dataSource.query(
      `SELECT received_at, series_ids = '{}' AS is_empty FROM sample_batch WHERE writer_id = $1 AND sequence = $2`,
      [writerId, sequence],
    );
    return stored.is_empty ? null : stored.received_at.getTime();
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

  private async findReceivedAt(writerId: number, sequence: number): Promise<number | undefined> {
    const [stored]: { received_at: Date }[] = await this.dataSource.query(
      `SELECT received_at FROM sample_batch WHERE writer_id = $1 AND sequence = $2`,
      [writerId, sequence],
    );
    return stored?.received_at.getTime();
  }
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
