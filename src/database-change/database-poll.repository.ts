import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { CUSTOM_METRICS_DATA_SOURCE } from '../database/data-source.token.js';
import { KnownDatabase } from '../database/known-database.js';

@Injectable()
export class DatabasePollRepository {
  constructor(
    @Inject(CUSTOM_METRICS_DATA_SOURCE) private readonly dataSource: DataSource,
    private readonly known: KnownDatabase,
  ) {}

  /**
   * Reads the clock of the database. The statement fails with `UNKNOWN_DATABASE` on any database other than the known one.
   *
   * @returns milliseconds since the epoch
   */
  async poll(): Promise<number> {
    const [row]: [{ now: Date }] = await this.dataSource.query(
      `SELECT clock_timestamp() AS now WHERE ${this.known.condition(1)}`,
      [...this.known.values],
    );
    return row.now.getTime();
  }
}
