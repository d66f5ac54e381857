import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { CUSTOM_METRICS_DATA_SOURCE } from '../database/data-source.token.js';
import { KnownDatabase } from '../database/known-database.js';
import { DatabaseSchema } from '../database/schema/database-schema.js';
import type { RefusalSummary, StoredRefusal } from './refused-part.js';

/** The id that stands for an unknown token. No token has it. */
const NO_TOKEN = 0;

interface RefusalRow {
  readonly token: string | null;
  readonly reason: string;
  readonly metric: string;
  readonly message: string;
  readonly value: string | null;
  readonly first_at: Date;
  readonly last_at: Date;
  readonly count: string;
}

/** Contains all SQL for refusals. */
@Injectable()
export class RefusalsRepository {
  constructor(
    @Inject(CUSTOM_METRICS_DATA_SOURCE) private readonly dataSource: DataSource,
    private readonly known: KnownDatabase,
    private readonly schema: DatabaseSchema,
  ) {}

  /** Adds the summaries of this process to the stored ones. */
  async add(summaries: readonly RefusalSummary[]): Promise<void> {
    const column = <K extends keyof RefusalSummary>(name: K) => summaries.map((each) => each[name]);
    await this.dataSource.query(
      // Every process locks the rows in the same order, because two processes could otherwise deadlock.
      `INSERT INTO ${this.schema}.refusal AS kept (token_id, reason, metric, message, value, first_at, last_at, count)
       SELECT token_id, reason, metric, message, value, to_timestamp(first_at / 1000), to_timestamp(last_at / 1000), count
       FROM unnest($1::int[], $2::text[], $3::text[], $4::text[], $5::text[], $6::float8[], $7::float8[], $8::bigint[])
         AS given (token_id, reason, metric, message, value, first_at, last_at, count)
       WHERE ${this.known.condition(9)}
       ORDER BY token_id, reason, metric
       ON CONFLICT (token_id, reason, metric) DO UPDATE SET
         message = excluded.message, value = excluded.value, last_at = greatest(kept.last_at, excluded.last_at),
         count = kept.count + excluded.count`,
      [
        summaries.map(({ tokenId }) => tokenId ?? NO_TOKEN),
        column('reason'),
        column('metric'),
        column('message'),
        column('value'),
        column('firstAt'),
        column('lastAt'),
        column('count'),
        ...this.known.values,
      ],
    );
  }

  /** Deletes all but the newest refusals. One token keeps at most half of them, so that it can't displace all others. */
  async trim(maxKept: number): Promise<void> {
    await this.dataSource.query(
      `DELETE FROM ${this.schema}.refusal WHERE id NOT IN (
         SELECT id FROM (
           SELECT id, last_at, row_number() OVER (PARTITION BY token_id ORDER BY last_at DESC, id DESC) AS place_of_token
           FROM ${this.schema}.refusal
         ) AS ranked
         WHERE place_of_token <= $2 ORDER BY last_at DESC, id DESC LIMIT $1)`,
      [maxKept, Math.ceil(maxKept / 2)],
    );
  }

  /** Returns the newest refusals, the latest first. */
  async findNewest(limit: number): Promise<StoredRefusal[]> {
    const rows: RefusalRow[] = await this.dataSource.query(
      `SELECT api_token.name AS token, reason, metric, message, value, first_at, last_at, count
       FROM ${this.schema}.refusal LEFT JOIN ${this.schema}.api_token ON api_token.id = token_id
       ORDER BY last_at DESC, refusal.id DESC LIMIT $1`,
      [limit],
    );
    return rows.map(({ token, reason, metric, message, value, first_at, last_at, count }) => ({
      token,
      reason,
      metric,
      message,
      value,
      firstAt: first_at.getTime(),
      lastAt: last_at.getTime(),
      count: Number(count),
    }));
  }
}
