import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { CUSTOM_METRICS_DATA_SOURCE } from '../../database/data-source.token.js';
import { DatabaseSchema } from '../../database/schema/database-schema.js';
import { MAX_INSTALLATIONS } from './installations-header.js';

/** Reads the id of this installation, and stores the ids of the installations whose samples arrive here. */
@Injectable()
export class InstallationsRepository {
  constructor(
    @Inject(CUSTOM_METRICS_DATA_SOURCE) private readonly dataSource: DataSource,
    private readonly schema: DatabaseSchema,
  ) {}

  /** @returns undefined if no process has ever forwarded */
  async findOwn(): Promise<string | undefined> {
    const [row]: { installation: string | null }[] = await this.dataSource.query(
      `SELECT installation FROM ${this.schema}.forwarding`,
    );
    return row?.installation ?? undefined;
  }

  /**
   * Notes that samples of these installations have arrived. Beyond a limit, it forgets those whose last samples are the oldest.
   */
  async noteSources(installations: readonly string[]): Promise<void> {
    await this.dataSource.query(
      `WITH forgotten AS (
         DELETE FROM ${this.schema}.forwarding_source WHERE installation IN (
           SELECT installation FROM ${this.schema}.forwarding_source ORDER BY seen_at DESC OFFSET ${MAX_INSTALLATIONS}
         ) AND installation <> ALL($1::uuid[])
       )
       INSERT INTO ${this.schema}.forwarding_source (installation, seen_at)
       SELECT id, clock_timestamp() FROM unnest($1::uuid[]) AS id ORDER BY id
       ON CONFLICT (installation) DO UPDATE SET seen_at = excluded.seen_at`,
      [[...new Set(installations)]],
    );
  }
}
