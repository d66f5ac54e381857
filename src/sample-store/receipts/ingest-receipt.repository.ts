import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../custom-metrics.options.js';
import { CUSTOM_METRICS_DATA_SOURCE } from '../../database/data-source.token.js';
import { KnownDatabase } from '../../database/known-database.js';
import type { RequestReceipt } from './request-receipt.js';

interface ReceiptRow {
  token_id: number;
  idempotency_key: string;
  body_hash: Buffer;
  answer: object | null;
}

/** All SQL of receipts but their insert, which is one statement with the row that they are for. */
@Injectable()
export class IngestReceiptRepository {
  private readonly retentionSeconds: number;

  constructor(
    @Inject(CUSTOM_METRICS_DATA_SOURCE) private readonly dataSource: DataSource,
    private readonly known: KnownDatabase,
    @Inject(CUSTOM_METRICS_OPTIONS) options: CustomMetricsOptions,
  ) {
    this.retentionSeconds = options.ingest.idempotencyRetentionSeconds;
  }

  /**
   * Looks up what is stored under keys. A receipt past its time does not count any more, and is removed, so that it can't
   * be in the way of a new one.
   */
  async find(keys: readonly Pick<RequestReceipt, 'tokenId' | 'key'>[]): Promise<RequestReceipt[]> {
    // Rows that somebody else is removing are skipped and not waited for: two looks can't wait for each other.
    const rows: ReceiptRow[] = await this.dataSource.query(
      `WITH asked AS (
         SELECT * FROM unnest($1::int[], $2::text[]) AS asked (token_id, idempotency_key)
       ), expired AS (
         DELETE FROM ingest_receipt WHERE (token_id, idempotency_key) IN (
           SELECT token_id, idempotency_key FROM ingest_receipt JOIN asked USING (token_id, idempotency_key)
           WHERE created_at <= now() - make_interval(secs => $3::float8)
           FOR UPDATE OF ingest_receipt SKIP LOCKED)
       )
       SELECT token_id, idempotency_key, body_hash, answer
       FROM ingest_receipt JOIN asked USING (token_id, idempotency_key)
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
   * Removes receipts that are past their time, the oldest first.
   *
   * @param limit how many at most
   * @returns how many were removed; those that another process is removing are not among them
   */
  async deleteExpired(limit: number): Promise<number> {
    const [, count]: [unknown, number] = await this.dataSource.query(
      `DELETE FROM ingest_receipt WHERE ctid = ANY (ARRAY(
         SELECT ctid FROM ingest_receipt
         WHERE created_at <= now() - make_interval(secs => $1::float8)
         ORDER BY created_at LIMIT $2
         FOR UPDATE SKIP LOCKED))`,
      [this.retentionSeconds, limit],
    );
    return count;
  }
}
