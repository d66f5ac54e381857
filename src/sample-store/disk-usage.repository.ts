import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { CUSTOM_METRICS_DATA_SOURCE } from '../database/data-source.token.js';

/** Bytes on the disk of Postgres. */
export interface DiskUsage {
  /** The whole database, whatever else is in it. */
  readonly database: number;
  /** Samples that are not compacted yet, with their index. */
  readonly log: number;
}

/** Asks Postgres what the data takes. */
@Injectable()
export class DiskUsageRepository {
  constructor(@Inject(CUSTOM_METRICS_DATA_SOURCE) private readonly dataSource: DataSource) {}

  async read(): Promise<DiskUsage> {
    const [row] = await this.dataSource.query<[{ database: string; log: string }]>(
      `SELECT pg_database_size(current_database()) AS database, pg_total_relation_size('sample_batch') AS log`,
    );
    return { database: Number(row.database), log: Number(row.log) };
  }
}
