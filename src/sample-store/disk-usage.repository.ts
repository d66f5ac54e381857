import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { CUSTOM_METRICS_DATA_SOURCE } from '../database/data-source.token.js';
import { DatabaseSchema } from '../database/schema/database-schema.js';

/** Sizes on the disk of Postgres, in bytes. */
export interface DiskUsage {
  /** The size of the whole database, including tables of other applications. */
  readonly database: number;
  /** The size of the log and its indexes, that is, of samples that are not compacted yet. */
  readonly log: number;
}

/** Reads from Postgres how much disk space the data takes. */
@Injectable()
export class DiskUsageRepository {
  constructor(
    @Inject(CUSTOM_METRICS_DATA_SOURCE) private readonly dataSource: DataSource,
    private readonly schema: DatabaseSchema,
  ) {}

  async read(): Promise<DiskUsage> {
    const [row] = await this.dataSource.query<[{ database: string; log: string }]>(
      `SELECT pg_database_size(current_database()) AS database, pg_total_relation_size($1) AS log`,
      [`${this.schema}.sample_batch`],
    );
    return { database: Number(row.database), log: Number(row.log) };
  }
}
