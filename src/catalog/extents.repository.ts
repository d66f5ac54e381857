import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { CUSTOM_METRICS_DATA_SOURCE } from '../database/data-source.token.js';
import { KnownDatabase } from '../database/known-database.js';
import { DatabaseSchema } from '../database/schema/database-schema.js';
import { EXTENT_COLUMNS, IS_KNOWN, METRIC_VERSION, TRANSACTIONS } from './series/known-series.js';
import type { SeriesExtent } from './series/series-extent.js';
import type { StoredExtent } from './series/settled-extents.js';

/** The row of {@link EXTENT_COLUMNS}. */
interface StoredSeriesExtent {
  readonly count: string;
  readonly newest_id: number | null;
  readonly checksum: number | null;
}

interface StoredMetricExtent extends StoredSeriesExtent {
  readonly name_id: number | null;
  readonly version: number | null;
  readonly oldest_running: number;
  readonly next_transaction: number;
}

/** Contains the SQL that counts series, by which a process finds out whether it knows all of them. */
@Injectable()
export class ExtentsRepository {
  constructor(
    @Inject(CUSTOM_METRICS_DATA_SOURCE) private readonly dataSource: DataSource,
    private readonly known: KnownDatabase,
    private readonly schema: DatabaseSchema,
  ) {}

  /** Returns how many series exist, and the newest series id. If the catalog has the same values, it knows all series. */
  async findSeriesExtent(): Promise<SeriesExtent> {
    const [row]: [StoredSeriesExtent] = await this.dataSource.query(
      `SELECT ${EXTENT_COLUMNS} FROM ${this.schema}.series WHERE ${IS_KNOWN} AND ${this.known.condition(1)}`,
      [...this.known.values],
    );
    return extentOf(row);
  }

  /**
   * Returns the extent of those series of a metric whose ids are larger than a given one, and what shows whether the others have changed.
   *
   * @param aboveId 0 for all series
   */
  async findMetricExtent(metricId: number, aboveId: number): Promise<StoredExtent> {
    const [row]: [StoredMetricExtent] = await this.dataSource.query(
      `SELECT ${EXTENT_COLUMNS}, ${TRANSACTIONS.oldestRunning} AS oldest_running, ${TRANSACTIONS.next} AS next_transaction,
              (SELECT coalesce(rename_id, id) FROM ${this.schema}.metric WHERE id = $1 AND deleted_at IS NULL) AS name_id,
              (SELECT ${METRIC_VERSION} FROM ${this.schema}.metric WHERE id = $1) AS version
       FROM ${this.schema}.series WHERE metric_id = $1 AND id > $2 AND ${IS_KNOWN} AND ${this.known.condition(3)}`,
      [metricId, aboveId, ...this.known.values],
    );
    return {
      ...extentOf(row),
      nameId: row.name_id ?? undefined,
      version: row.version ?? NaN,
      oldestRunning: row.oldest_running,
      nextTransaction: row.next_transaction,
    };
  }
}

function extentOf({ count, newest_id, checksum }: StoredSeriesExtent): SeriesExtent {
  return { count: Number(count), newestId: newest_id ?? 0, checksum: checksum ?? 0 };
}
