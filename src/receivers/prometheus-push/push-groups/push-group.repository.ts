import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { CUSTOM_METRICS_DATA_SOURCE } from '../../../database/data-source.token.js';
import { decodeInt4Array } from '../../../database/binary/packed-array.js';
import { KnownDatabase } from '../../../database/known-database.js';
import { DatabaseSchema } from '../../../database/schema/database-schema.js';

/** Contains all SQL for push groups. */
@Injectable()
export class PushGroupRepository {
  constructor(
    @Inject(CUSTOM_METRICS_DATA_SOURCE) private readonly dataSource: DataSource,
    private readonly known: KnownDatabase,
    private readonly schema: DatabaseSchema,
  ) {}

  /**
   * Returns the ids of the series of a group, in ascending order. They are sent as one array, because reading a row for each of ten
   * thousand series takes several milliseconds without interruption.
   */
  async findSeriesIds(groupIdentity: Buffer): Promise<Int32Array> {
    const [row]: [{ ids: Buffer }] = await this.dataSource.query(
      `SELECT array_send(coalesce(array_agg(series_id ORDER BY series_id), '{}')) AS ids
       FROM ${this.schema}.push_group_series WHERE group_identity = $1 AND ${this.known.condition(2)}`,
      [groupIdentity, ...this.known.values],
    );
    return decodeInt4Array(row.ids);
  }

  /**
   * Adds series to a group. Series that no longer exist are left out. Rows are written in the order of their ids, because two
   * groups that take series from each other could otherwise deadlock. Unchanged rows are not written.
   */
  async add(groupIdentity: Buffer, seriesIds: readonly number[]): Promise<void> {
    await this.dataSource.query(
      `INSERT INTO ${this.schema}.push_group_series (series_id, group_identity)
       SELECT id, $1 FROM ${this.schema}.series WHERE id = ANY($2::int[]) AND ${this.known.condition(3)} ORDER BY id
       ON CONFLICT (series_id) DO UPDATE SET group_identity = excluded.group_identity
       WHERE push_group_series.group_identity <> excluded.group_identity`,
      [groupIdentity, seriesIds, ...this.known.values],
    );
  }

  /** Removes series from a group, except those that another group has taken over. */
  async remove(groupIdentity: Buffer, seriesIds: readonly number[]): Promise<void> {
    await this.dataSource.query(
      `DELETE FROM ${this.schema}.push_group_series WHERE ctid = ANY (ARRAY(
         SELECT ctid FROM ${this.schema}.push_group_series WHERE series_id = ANY($2::int[]) AND group_identity = $1
           AND ${this.known.condition(3)}
         ORDER BY series_id FOR UPDATE))`,
      [groupIdentity, seriesIds, ...this.known.values],
    );
  }
}
