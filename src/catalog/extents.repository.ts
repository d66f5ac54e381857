import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { CUSTOM_METRICS_DATA_SOURCE } from '../database/data-source.token.js';
import { KnownDatabase } from '../database/known-database.js';
import { DatabaseSchema } from '../database/schema/database-schema.js';
import type { MetricExtent, SeriesExtent } from './series/series-extent.js';
import { ID_CHECKSUM, IS_KNOWN } from './series/known-series.js';

interface StoredSeriesExtent {
  readonly count: string;
  readonly newest_id: number | null;
  readonly checksum: number | null;
}

/** The columns of {@link StoredSeriesExtent}. */
const EXTENT_COLUMNS = `count(*) AS count, max(id) AS newest_id, ${ID_CHECKSUM} AS checksum`;

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
   * Returns how many series of a metric exist, the newest of their ids, and the number that identifies the current name of the
   * metric. If the catalog has the same values, it knows all series of the metric.
   */
  async findMetricExtent(metricId: number): Promise<MetricExtent> {
    const [row]: [StoredSeriesExtent & { readonly name_id: number | null }] = await this.dataSource.query(
      `SELECT (SELECT coalesce(rename_id, id) FROM ${this.schema}.metric WHERE id = $1 AND deleted_at IS NULL) AS name_id,
              ${EXTENT_COLUMNS}
       FROM ${this.schema}.series WHERE metric_id = $1 AND ${IS_KNOWN} AND ${this.known.condition(2)}`,
      [metricId, ...this.known.values],
    );
    return { nameId: row.name_id ?? undefined, ...extentOf(row) };
  }
}

function extentOf({ count, newest_id, checksum }: StoredSeriesExtent): SeriesExtent {
  return { count: Number(count), newestId: newest_id ?? 0, checksum: checksum ?? 0 };
}
