import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { CUSTOM_METRICS_DATA_SOURCE } from '../../database/data-source.token.js';
import { KnownDatabase } from '../../database/known-database.js';
import { DatabaseSchema } from '../../database/schema/database-schema.js';
import type { SampleCounts } from './sample-counts.js';

/** The stored counts of a token. */
export interface StoredUsage extends SampleCounts {
  /** The time since which samples are counted. */
  readonly since: Date;
}

/** Contains all SQL for the usage of tokens. */
@Injectable()
export class TokenUsageRepository {
  constructor(
    @Inject(CUSTOM_METRICS_DATA_SOURCE) private readonly dataSource: DataSource,
    private readonly known: KnownDatabase,
    private readonly schema: DatabaseSchema,
  ) {}

  /** Adds the counts of this process to the stored ones. */
  async add(counts: ReadonlyMap<number, SampleCounts>): Promise<void> {
    const all = [...counts.values()];
    await this.dataSource.query(
      // Every process locks the rows in the same order, because two processes could otherwise deadlock.
      `INSERT INTO ${this.schema}.token_usage AS kept (token_id, accepted, refused)
       SELECT token_id, accepted, refused FROM unnest($1::int[], $2::bigint[], $3::bigint[]) AS given (token_id, accepted, refused)
       WHERE ${this.known.condition(4)}
       ORDER BY token_id
       ON CONFLICT (token_id) DO UPDATE SET accepted = kept.accepted + excluded.accepted, refused = kept.refused + excluded.refused`,
      [
        [...counts.keys()],
        all.map(({ accepted }) => accepted),
        all.map(({ refused }) => refused),
        ...this.known.values,
      ],
    );
  }

  /** Returns the counts by the ids of the tokens. Tokens that never pushed are missing. */
  async findAll(): Promise<Map<number, StoredUsage>> {
    const rows: { token_id: number; accepted: string; refused: string; since: Date }[] = await this.dataSource.query(
      `SELECT token_id, accepted, refused, since FROM ${this.schema}.token_usage`,
    );
    return new Map(
      rows.map(({ token_id, accepted, refused, since }) => [
        token_id,
        { accepted: Number(accepted), refused: Number(refused), since },
      ]),
    );
  }
}
