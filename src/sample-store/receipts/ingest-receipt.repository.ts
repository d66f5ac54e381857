import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../custom-metrics.options.js';
import { CUSTOM_METRICS_DATA_SOURCE } from '../../database/data-source.token.js';
import { KnownDatabase } from '../../database/known-database.js';
import type { RequestReceipt } from './request-receipt.js';
import { DatabaseSchema } from '../../database/schema/database-schema.js';

interface ReceiptRow {
  token_id: number;
  idempotency_key: string;
  body_hash: Buffer;
  answer: object | null;
}

/** Contains the SQL of receipts, except for their insert, which is part of the statement that inserts their log row. */
@Injectable()
export class IngestReceiptRepository {
  private readonly retentionSeconds: number;

  constructor(
    @Inject(CUSTOM_METRICS_DATA_SOURCE) private readonly dataSource: DataSource,
    private readonly known: KnownDatabase,
    private readonly schema: DatabaseSchema,
    @Inject(CUSTOM_METRICS_OPTIONS) options: CustomMetricsOptions,
  ) {
    this.retentionSeconds = options.ingest.idempotencyRetentionSeconds;
  }

  /**
   * Returns the receipts that are stored under some keys. An expired receipt is ignored, and removed so that it can't conflict
   * with a new one.
   */
  async find(keys: readonly Pick<RequestReceipt, 'tokenId' | 'key'>[]): Promise<RequestReceipt[]> {
    // Rows that another process is removing are skipped, so that two such statements can't deadlock.
    const rows: ReceiptRow[] = await this.dataSource.query(
      `WITH asked AS (
         SELECT * FROM unnest($1::int[], $2::text[]) AS asked (token_id, idempotency_key)
       ), expired AS (
         DELETE FROM ${this.schema}.ingest_receipt WHERE (token_id, idempotency_key) IN (
           SELECT token_id, idempotency_key FROM ${this.schema}.ingest_receipt JOIN asked USING (token_id, idempotency_key)
           WHERE created_at <= now() - make_interval(secs => $3::float8)
           FOR UPDATE OF ingest_receipt SKIP LOCKED)
       )
       SELECT token_id, idempotency_key, body_hash, answer
       FROM ${this.schema}.ingest_receipt JOIN asked USING (token_id, idempotency_key)
       WHERE created_at > now() - make_interval(secs => $3::float8) AND ${this.known.condition(4)}`,
      [keys.map(({ tokenId }) => tokenId), keys.map(({ key }) => key), this.retentionSeconds, ...this.known.values],
    );
    return rows.map(({ token_id, idempotency_key, body_hash, answer }) => ({
      tokenId: token_id,
      key: idempotency_key,
      bodyHash: body_hash,
      answer,
    }));
  }

  /**
   * Removes expired receipts, the oldest first.
   *
   * @param limit the maximum number
   * @returns the number of removed receipts; those that another process is removing are skipped
   */
  async deleteExpired(limit: number): Promise<number> {
    const [, count]: [unknown, number] = await this.dataSource.query(
      `DELETE FROM ${this.schema}.ingest_receipt WHERE ctid = ANY (ARRAY(
         SELECT ctid FROM ${this.schema}.ingest_receipt
         WHERE created_at <= now() - make_interval(secs => $1::float8)
         ORDER BY created_at LIMIT $2
         FOR UPDATE SKIP LOCKED))`,
      [this.retentionSeconds, limit],
    );
    return count;
  }
}
