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

const UNIQUE_VIOLATION = '23505';

/** The insert of a row in a function, of which Postgres keeps the plan, which is a third of the work of a small commit. */
const APPEND = `SELECT custom_metrics_append($1::text, $2::int, $3::float8, $4::float8, $5::int, $6::bigint, $7::timestamptz,
  $8::timestamptz, $9::int[], $10::bigint[], $11::float8[]) AS arrival`;

/** In front of the insert of a row, which has the first nine parameters: row and receipts are written both or not at all. */
const INSERT_RECEIPTS = `WITH receipts AS (
  INSERT INTO ingest_receipt (token_id, idempotency_key, body_hash, answer)
  SELECT * FROM unnest($10::int[], $11::text[], $12::bytea[], $13::jsonb[]))
`;

/** Keeps the compaction from moving rows of a writer until the statement is through; empty if it has moved this one. */
const LOCKED_WRITER = `writer AS MATERIALIZED (
  SELECT 1 FROM sample_writer WHERE id = $1::int AND folded_sequence < $2::bigint FOR UPDATE)`;

/**
 * What became of a row: its time of arrival by the database's clock, ms since the epoch, if it is in the log; `compacted` if it
 * was committed and has left the log since.
 */
export type RowFate = number | 'compacted';

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
  constructor(
    @Inject(CUSTOM_METRICS_DATA_SOURCE) private readonly dataSource: DataSource,
    private readonly known: KnownDatabase,
  ) {}

  /**
   * Registers this process as a writer.
   *
   * @param known the database that it is to write to
   */
  async createWriter(known: KnownDatabase): Promise<Landmark> {
    const [writer]: [{ id: number; started_at: Date }] = await this.dataSource.query(
      `INSERT INTO sample_writer (alive_at) SELECT now() WHERE ${known.condition(1)} RETURNING id, started_at`,
      [...known.values],
    );
    return { id: writer.id, at: writer.started_at.getTime() };
  }

  /**
   * Commits one log row under a key that was never used.
   *
   * @returns the time of arrival by the database's clock, ms since the epoch
   * @throws ReceiptConflictError when nothing was written because a receipt is there already
   */
  async append(batch: NewSampleBatch): Promise<number> {
    try {
      return await (batch.receipts.length > 0 ? this.appendWithReceipts(batch) : this.appendAlone(batch));
    } catch (error) {
      throw errorCodeOf(error) === UNIQUE_VIOLATION ? new ReceiptConflictError() : error;
    }
  }

  /**
   * Commits one log row again, when it is not known whether an earlier try was carried out. If it was, nothing is written.
   *
   * The compaction may have moved the row out of the log meanwhile, and its key would be free again. So the writer is locked
   * first, which waits for a compaction under way, and then tells how far its rows have left the log.
   *
   * @throws ReceiptConflictError when nothing was written, by this try or an earlier one, because a receipt is there already
   */
  async appendAgain(batch: NewSampleBatch): Promise<RowFate> {
    try {
      const [row]: { received_at: Date }[] = await this.dataSource.query(
        `WITH ${LOCKED_WRITER}, receipts AS (
           INSERT INTO ingest_receipt (token_id, idempotency_key, body_hash, answer)
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
   * Settles the fate of a row whose outcome is unknown and that nobody waits for any more: an empty row takes its key.
   *
   * @returns null if the row now never will be committed
   */
  async settle(writerId: number, sequence: number): Promise<RowFate | null> {
    const taken: unknown[] = await this.dataSource.query(
      `WITH ${LOCKED_WRITER}
       INSERT INTO sample_batch (writer_id, sequence, series_ids, "values") SELECT $1, $2, '{}', '{}' FROM writer
       WHERE ${this.known.condition(3)}
       ON CONFLICT (writer_id, sequence) DO NOTHING RETURNING sequence`,
      [writerId, sequence, ...this.known.values],
    );
    return taken.length > 0 ? null : this.findFate(writerId, sequence);
  }

  /** Has further statements sent over new connections, after one was not answered in time. */
  distrustConnections(): void {
    distrustConnections(this.dataSource);
  }

  /**
   * Whether a database has a row that this process tried to write before it became another one: a standby may have got it
   * before it was promoted.
   */
  async hasRowOf(writer: Landmark, sequence: number): Promise<boolean> {
    const rows: unknown[] = await this.dataSource.query(
      `SELECT 1 FROM sample_writer AS writer
       LEFT JOIN sample_batch AS batch ON batch.writer_id = writer.id AND batch.sequence = $3
       WHERE writer.id = $1 AND abs(date_part('epoch', writer.started_at) * 1000 - $2) <= 1
         AND (batch.series_ids <> '{}' OR (batch.sequence IS NULL AND writer.folded_sequence >= $3)) AND ${this.known.condition(4)}`,
      [writer.id, writer.at, sequence, ...this.known.values],
    );
    return rows.length > 0;
  }

  private async appendAlone(batch: NewSampleBatch): Promise<number> {
    const [row]: [{ arrival: number }] = await this.dataSource.query(APPEND, [
      ...this.known.valuesOfRow,
      ...columnsOfRow(batch),
    ]);
    return row.arrival;
  }

  private async appendWithReceipts(batch: NewSampleBatch): Promise<number> {
    const [row]: [{ received_at: Date }] = await this.dataSource.query(INSERT_RECEIPTS + this.insertFrom(''), [
      ...columnsOfRow(batch),
      ...this.known.values,
      ...columnsOf(batch.receipts),
    ]);
    return row.received_at.getTime();
  }

  /** The insert of one row, with the parameters of {@link columnsOfRow} and those of the known database. */
  private insertFrom(source: string): string {
    return `INSERT INTO sample_batch (writer_id, sequence, earliest_at, latest_at, series_ids, timestamps, "values")
      SELECT $1::int, $2::bigint, $3::timestamptz, $4::timestamptz, $5::int[], $6::bigint[], $7::float8[] ${source}
      WHERE ${this.known.condition(8)}
      RETURNING received_at`;
  }

  /** What became of a row that was tried to be written; null if it is not there, or an empty one stands in its place. */
  private async findFate(writerId: number, sequence: number): Promise<RowFate | null> {
    const [row]: { received_at: Date | null; is_empty: boolean | null; is_compacted: boolean }[] =
      await this.dataSource.query(
        `SELECT batch.received_at, batch.series_ids = '{}' AS is_empty, writer.folded_sequence >= $2 AS is_compacted
         FROM sample_writer AS writer
         LEFT JOIN sample_batch AS batch ON batch.writer_id = writer.id AND batch.sequence = $2
         WHERE writer.id = $1 AND ${this.known.condition(3)}`,
        [writerId, sequence, ...this.known.values],
      );
    if (row === undefined) throw new Error(`The writer ${writerId} of this process is not in the database any more.`);
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

/** One text that `jsonb` can't hold would refuse the whole group. */
function sanitizeValue(_name: string, value: unknown): unknown {
  return typeof value === 'string' ? sanitizeText(value) : value;
}
