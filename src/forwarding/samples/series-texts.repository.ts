import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { MetricType } from '../../catalog/metric/metric.js';
import { SERIES_KIND, type SeriesKind } from '../../catalog/series/series-kind.js';
import { CUSTOM_METRICS_DATA_SOURCE } from '../../database/data-source.token.js';
import { encodeInt4Array } from '../../database/binary/packed-array.js';
import { KnownDatabase } from '../../database/known-database.js';
import { DatabaseSchema } from '../../database/schema/database-schema.js';

/** A series as the target sees it. */
export interface StoredSeries {
  readonly id: number;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly kind: SeriesKind;
  readonly type: MetricType;
}

/** A series that was deleted, or renamed together with its metric, so that the target has to learn of its end. */
export interface EndedSeries extends Pick<StoredSeries, 'id' | 'name' | 'labels'> {
  /** The time of the deletion or the rename, in milliseconds since the epoch. */
  readonly at: number;
}

/** A metric with its description. */
export interface DescribedMetric {
  readonly name: string;
  readonly type: MetricType;
  readonly help: string | null;
  readonly unit: string | null;
  readonly changedAt: Date;
}

/** The character before the id in the name of a deleted metric. A name can't contain it. */
const AFTER_DELETED_NAME = '\uFFFD';

/** Reads names and labels. The catalog is not used, because it may have no memory for some of the series. */
@Injectable()
export class SeriesTextsRepository {
  constructor(
    @Inject(CUSTOM_METRICS_DATA_SOURCE) private readonly dataSource: DataSource,
    private readonly known: KnownDatabase,
    private readonly schema: DatabaseSchema,
  ) {}

  /** Returns series by their ids. Deleted ones are missing. */
  find(ids: readonly number[]): Promise<StoredSeries[]> {
    return this.dataSource.query(
      `SELECT series.id, metric.name, series.labels, ${SERIES_KIND} AS kind, metric.type
       FROM ${this.schema}.series JOIN ${this.schema}.metric ON metric.id = series.metric_id
       WHERE series.id = ANY($1::int[]) AND series.deleted_at IS NULL AND ${this.known.condition(2)}`,
      [encodeInt4Array(Int32Array.from(ids)), ...this.known.values],
    );
  }

  /**
   * Returns series that were deleted after the time until which the target has learned of deletions, in the order of their
   * deletion.
   */
  async findEnded(afterMs: number, afterId: number, limit: number): Promise<EndedSeries[]> {
    const rows: { id: number; name: string; labels: Record<string, string>; at: number }[] =
      await this.dataSource.query(
        `SELECT series.id, metric.name, series.labels, round(date_part('epoch', series.deleted_at) * 1000) AS at
       FROM ${this.schema}.series JOIN ${this.schema}.metric ON metric.id = series.metric_id
       WHERE series.deleted_at IS NOT NULL
         AND (round(date_part('epoch', series.deleted_at) * 1000), series.id) > ($1::float8, $2::int) AND ${this.known.condition(4)}
       ORDER BY 4, 1 LIMIT $3`,
        [afterMs, afterId, limit, ...this.known.values],
      );
    return rows.map(({ id, name, labels, at }) => ({ id, name: name.split(AFTER_DELETED_NAME, 1)[0]!, labels, at }));
  }

  /** Returns the series of metrics that were renamed, under their former names. */
  async findRenamed(
    afterRename: number,
    afterId: number,
    limit: number,
  ): Promise<(EndedSeries & { rename: number })[]> {
    return this.dataSource.query(
      `SELECT series.id, rename.from_name || substr(metric.name, length(rename.to_name) + 1) AS name, series.labels,
              round(date_part('epoch', rename.at) * 1000) AS at, rename.id AS rename
       FROM ${this.schema}.metric_rename AS rename
       JOIN ${this.schema}.metric ON metric.rename_id = rename.id AND metric.deleted_at IS NULL
       JOIN ${this.schema}.series ON series.metric_id = metric.id AND series.deleted_at IS NULL
       WHERE (rename.id, series.id) > ($1::int, $2::int) AND ${this.known.condition(4)}
       ORDER BY rename.id, series.id LIMIT $3`,
      [afterRename, afterId, limit, ...this.known.values],
    );
  }

  /** Returns the number of the newest rename, or 0. */
  async findNewestRename(): Promise<number> {
    const [row]: [{ id: number }] = await this.dataSource.query(
      `SELECT coalesce(max(id), 0) AS id FROM ${this.schema}.metric_rename`,
    );
    return row.id;
  }

  /** Returns metrics that have changed after a time, in the order of their changes. */
  async findChangedMetrics(after: Date, afterName: string, limit: number): Promise<DescribedMetric[]> {
    const rows: (Omit<DescribedMetric, 'changedAt'> & { changed_at: Date })[] = await this.dataSource.query(
      `SELECT name, type, help, unit, date_trunc('milliseconds', updated_at) AS changed_at FROM ${this.schema}.metric
       WHERE deleted_at IS NULL AND (date_trunc('milliseconds', updated_at), name) > ($1::timestamptz, $2::text)
         AND ${this.known.condition(4)}
       ORDER BY 5, name LIMIT $3`,
      [after, afterName, limit, ...this.known.values],
    );
    return rows.map(({ name, type, help, unit, changed_at }) => ({ name, type, help, unit, changedAt: changed_at }));
  }
}
