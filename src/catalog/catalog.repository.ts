import { IS_KNOWN } from './series/known-series.js';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { CUSTOM_METRICS_DATA_SOURCE } from '../database/data-source.token.js';
import { KnownDatabase } from '../database/known-database.js';
import { readAhead } from '../database/read-ahead.js';
import { decodeFloat8Array, decodeInt4Array } from '../database/binary/packed-array.js';
import type { MetricDeclaration, MetricType, Temporality } from './metric/metric.js';
import { decodeSeriesPage, lastIdOf, type PackedSeriesPage, SERIES_PAGE_COLUMNS } from './series/series-page.js';
import type { SeriesRow } from './series/series-row.js';
import { DatabaseSchema } from '../database/schema/database-schema.js';

export interface MetricRow {
  readonly id: number;
  readonly name: string;
  readonly type: MetricType;
  readonly temporality: Temporality | null;
  readonly help: string | null;
  readonly unit: string | null;
  readonly created_at: Date;
  /** The number of the latest rename of the metric; null if it still has its first name. */
  readonly rename_id: number | null;
}

/** Returns the number that identifies the current name of a stored metric; see `nameId` of `Metric`. */
export function nameIdOf({ id, rename_id }: Pick<MetricRow, 'id' | 'rename_id'>): number {
  return rename_id ?? id;
}

/** A metric that was created, declared, renamed or deleted recently, or that lost series. */
export interface MetricUpdate {
  readonly id: number;
  /** The number that identifies its current name. */
  readonly nameId: number;
  /** Microseconds since the epoch, because two changes may happen within a millisecond. */
  readonly updatedAt: number;
  readonly isDeleted: boolean;
}

/** The columns of {@link MetricRow}. */
export const METRIC_COLUMNS = 'id, name, type, temporality, help, unit, created_at, rename_id';
const SERIES_COLUMNS = 'id, metric_id, labels, temporality, created_by_token_id, created_at, is_scraped';

/** Maximum number of series in one page. */
const SERIES_PAGE = 2_500;

/**
 * Maximum bytes of labels in one page. If only the number of series were limited, a page of series with the longest labels that
 * the defaults allow would be a string of 250 MB, which a process with a heap of 1 GB can't read.
 */
const SERIES_PAGE_BYTES = 4 * 1024 * 1024;

/**
 * An upper bound for the size of labels, computed from their stored size, because decompressing them for this purpose would read
 * all of them twice. The factors are the maximum ratios of the compression methods of Postgres.
 */
export const LABELS_BYTES =
  "pg_column_size(labels) * CASE pg_column_compression(labels) WHEN 'pglz' THEN 100 WHEN 'lz4' THEN 255 ELSE 1 END";

/** Maximum number of metrics in one page. If each has a help text of 1,000 characters, a page takes a few megabytes. */
const METRICS_PAGE = 2_000;

/** Maximum number of ids in one statement that finds series by id. */
const IDS_PER_STATEMENT = 50_000;

/** Contains the SQL of metrics and series, except for their creation, renaming and removal. */
@Injectable()
export class CatalogRepository {
  constructor(
    @Inject(CUSTOM_METRICS_DATA_SOURCE) private readonly dataSource: Pick<DataSource, 'query'>,
    private readonly known: KnownDatabase,
    private readonly schema: DatabaseSchema,
  ) {}

  /** Reads all metrics in the order of their ids, in pages. */
  async *findMetrics(): AsyncGenerator<MetricRow[]> {
    for (let afterId = 0; ;) {
      const page: MetricRow[] = await this.dataSource.query(
        `SELECT ${METRIC_COLUMNS} FROM ${this.schema}.metric
         WHERE id > $1 AND deleted_at IS NULL AND ${this.known.condition(2)} ORDER BY id LIMIT ${METRICS_PAGE}`,
        [afterId, ...this.known.values],
      );
      if (page.length > 0) yield page;
      if (page.length < METRICS_PAGE) return;
      afterId = page.at(-1)!.id;
    }
  }

  async findMetricsByName(names: readonly string[]): Promise<MetricRow[]> {
    // Postgres refuses text with a NUL character, so no stored name has one.
    const possible = names.filter((name) => !name.includes('\0'));
    if (possible.length === 0) return [];
    return this.dataSource.query(
      `SELECT ${METRIC_COLUMNS} FROM ${this.schema}.metric
       WHERE name = ANY($1::text[]) AND deleted_at IS NULL AND ${this.known.condition(2)} ORDER BY id`,
      [possible, ...this.known.values],
    );
  }

  /**
   * Returns the metrics that were created, declared, renamed or deleted, or that lost series, within the last `seconds` seconds.
   * Each column is sent as one array, because tens of thousands of metrics may be created within seconds and every process polls
   * four times a second.
   */
  async findMetricUpdates(seconds: number): Promise<MetricUpdate[]> {
    const [row]: [{ ids: Buffer; name_ids: Buffer; updated_ats: Buffer; deletions: Buffer }] =
      await this.dataSource.query(
        `SELECT array_send(coalesce(array_agg(id), '{}')) AS ids,
              array_send(coalesce(array_agg(coalesce(rename_id, id)), '{}')) AS name_ids,
              array_send(coalesce(array_agg((extract(epoch FROM updated_at) * 1e6)::float8), '{}')) AS updated_ats,
              array_send(coalesce(array_agg((deleted_at IS NOT NULL)::int), '{}')) AS deletions
       FROM ${this.schema}.metric WHERE updated_at > now() - make_interval(secs => $1) AND ${this.known.condition(2)}`,
        [seconds, ...this.known.values],
      );
    const nameIds = decodeInt4Array(row.name_ids);
    const updatedAts = decodeFloat8Array(row.updated_ats);
    const deletions = decodeInt4Array(row.deletions);
    return Array.from(decodeInt4Array(row.ids), (id, place) => ({
      id,
      nameId: nameIds[place]!,
      updatedAt: updatedAts[place]!,
      isDeleted: deletions[place] === 1,
    }));
  }

  /** Reads metrics by their ids, in pages. */
  async *findMetricsByIds(ids: readonly number[]): AsyncGenerator<MetricRow[]> {
    for (let start = 0; start < ids.length; start += METRICS_PAGE) {
      yield await this.dataSource.query(
        `SELECT ${METRIC_COLUMNS} FROM ${this.schema}.metric
         WHERE id = ANY($1::int[]) AND deleted_at IS NULL AND ${this.known.condition(2)} ORDER BY id`,
        [ids.slice(start, start + METRICS_PAGE), ...this.known.values],
      );
    }
  }

  /** Reads the metrics with the given ids, and those whose latest rename is one of the given ones. */
  async findMetricsOf(ids: readonly number[], renameIds: readonly number[]): Promise<MetricRow[]> {
    return this.dataSource.query(
      `SELECT ${METRIC_COLUMNS} FROM ${this.schema}.metric
       WHERE (id = ANY($1::int[]) OR rename_id = ANY($2::int[])) AND deleted_at IS NULL AND ${this.known.condition(3)} ORDER BY id`,
      [ids, renameIds, ...this.known.values],
    );
  }

  /** Reads all series in the order of their ids, in pages. */
  findSeries(): AsyncGenerator<SeriesRow[]> {
    return this.readPages((afterId) => this.findSeriesPage(`id > $1 AND ${IS_KNOWN}`, [afterId]));
  }

  private async *readPages(
    read: (afterId: number) => Promise<PackedSeriesPage | undefined>,
  ): AsyncGenerator<SeriesRow[]> {
    for await (const page of readAhead<PackedSeriesPage>((before) =>
      read(before === undefined ? 0 : lastIdOf(before)),
    )) {
      yield decodeSeriesPage(page);
    }
  }

  /**
   * Returns the first series that meet a condition, up to the size of a page, but at least one if any exists.
   *
   * @returns undefined if there is none
   */
  private async findSeriesPage(condition: string, parameters: unknown[]): Promise<PackedSeriesPage | undefined> {
    const [packed]: [PackedSeriesPage | { ids: null }] = await this.dataSource.query(
      `SELECT ${SERIES_PAGE_COLUMNS} FROM (
         SELECT *, sum(bytes) OVER (ORDER BY id ROWS UNBOUNDED PRECEDING) - bytes AS bytes_before
         FROM (SELECT ${SERIES_COLUMNS}, ${LABELS_BYTES} AS bytes
               FROM ${this.schema}.series WHERE ${condition} AND ${this.known.condition(parameters.length + 1)}
               ORDER BY id LIMIT ${SERIES_PAGE}) AS candidate
       ) AS page
       WHERE bytes_before < ${SERIES_PAGE_BYTES}`,
      [...parameters, ...this.known.values],
    );
    return packed.ids === null ? undefined : packed;
  }

  /** Returns the number of existing series for each metric. */
  async countSeriesByMetric(): Promise<Map<number, number>> {
    const [row]: [{ metric_ids: Buffer; counts: Buffer }] = await this.dataSource.query(
      `SELECT array_send(coalesce(array_agg(metric_id), '{}')) AS metric_ids, array_send(coalesce(array_agg(count), '{}')) AS counts
       FROM (SELECT metric_id, count(*)::int AS count FROM ${this.schema}.series
             WHERE ${IS_KNOWN} AND ${this.known.condition(1)} GROUP BY metric_id) AS counted`,
      [...this.known.values],
    );
    const counts = decodeInt4Array(row.counts);
    return new Map(Array.from(decodeInt4Array(row.metric_ids), (id, place) => [id, counts[place]!]));
  }

  /**
   * Returns the ids of existing series, of one metric or of all, as one value, because a row for each of a million series would
   * block the event loop.
   */
  async findSeriesIds(metricId?: number): Promise<Int32Array> {
    const [row]: [{ ids: Buffer }] = await this.dataSource.query(
      `SELECT array_send(coalesce(array_agg(id), '{}')) AS ids FROM ${this.schema}.series
       WHERE ($1::int IS NULL OR metric_id = $1) AND ${IS_KNOWN} AND ${this.known.condition(2)}`,
      [metricId ?? null, ...this.known.values],
    );
    return decodeInt4Array(row.ids);
  }

  /** Returns the ids of the metrics that the given series belong to. */
  async findMetricIdsOfSeries(ids: readonly number[]): Promise<number[]> {
    const rows: { metric_id: number }[] = await this.dataSource.query(
      `SELECT DISTINCT metric_id FROM ${this.schema}.series WHERE id = ANY($1::int[]) AND deleted_at IS NULL
       AND ${this.known.condition(2)}`,
      [ids, ...this.known.values],
    );
    return rows.map(({ metric_id }) => metric_id);
  }

  /**
   * Reads series by their ids, in pages. A forgotten series is restored, because the caller has a sample of it. Deleted series
   * are not found.
   */
  async *findSeriesByIds(ids: readonly number[]): AsyncGenerator<SeriesRow[]> {
    for (let start = 0; start < ids.length; start += IDS_PER_STATEMENT) {
      const wanted = ids.slice(start, start + IDS_PER_STATEMENT);
      const forgotten: { id: number }[] = await this.dataSource.query(
        `SELECT id FROM ${this.schema}.series WHERE id = ANY($1::int[]) AND forgotten_at IS NOT NULL AND deleted_at IS NULL
         AND ${this.known.condition(2)}`,
        [wanted, ...this.known.values],
      );
      if (forgotten.length > 0) await this.reviveSeries(forgotten.map(({ id }) => id));
      yield* this.readPages((afterId) =>
        this.findSeriesPage(`id > $1 AND id = ANY($2::int[]) AND ${IS_KNOWN}`, [afterId, wanted]),
      );
    }
  }

  /**
   * Restores the forgotten ones among the given series. The current time becomes the time of their last push, so that they are
   * not forgotten again before their samples arrive. Their metrics get a new `updated_at`, by which queries notice that a series is
   * back. They are locked first, as in a deletion, so that the two can't deadlock.
   *
   * @param areScraped whether each series is scraped from now on; without it, that does not change
   */
  async reviveSeries(ids: readonly number[], areScraped: readonly boolean[] = []): Promise<void> {
    const { schema } = this;
    await this.dataSource.query(
      `WITH wanted AS MATERIALIZED (
         SELECT series.id, metric_id, new.is_scraped
         FROM unnest($1::int[], $2::boolean[]) AS new (id, is_scraped) JOIN ${schema}.series USING (id)
         WHERE forgotten_at IS NOT NULL AND deleted_at IS NULL AND ${this.known.condition(3)}
       ), locked AS MATERIALIZED (
         SELECT id FROM ${schema}.metric WHERE id IN (SELECT metric_id FROM wanted) AND deleted_at IS NULL ORDER BY id FOR NO KEY UPDATE
       ), touched AS (
         UPDATE ${schema}.metric SET updated_at = clock_timestamp() FROM locked WHERE metric.id = locked.id RETURNING metric.id
       )
       UPDATE ${schema}.series SET forgotten_at = NULL, pushed_at = now(), is_scraped = coalesce(wanted.is_scraped, series.is_scraped)
       FROM touched JOIN wanted ON wanted.metric_id = touched.id
       WHERE series.id = wanted.id AND series.forgotten_at IS NOT NULL AND series.deleted_at IS NULL`,
      [ids, areScraped, ...this.known.values],
    );
  }

  /**
   * Completes or overwrites the declaration of a metric.
   *
   * @param isOverwriting whether given values replace existing ones; otherwise they only fill empty ones
   * @returns the new row; undefined if the metric has been deleted
   */
  async describeMetric(
    { id, name }: { readonly id: number; readonly name: string },
    declaration: MetricDeclaration,
    isOverwriting: boolean,
  ): Promise<MetricRow | undefined> {
    const choose = (column: string, parameter: string) =>
      isOverwriting ? `coalesce(${parameter}, ${column})` : `coalesce(${column}, ${parameter})`;
    const [rows]: [MetricRow[], number] = await this.dataSource.query(
      `UPDATE ${this.schema}.metric SET updated_at = now(), temporality = ${choose('temporality', '$2')}, help = ${choose('help', '$3')}, unit = ${choose('unit', '$4')}
       WHERE id = $1 AND name = $5 AND deleted_at IS NULL AND ${this.known.condition(6)} RETURNING ${METRIC_COLUMNS}`,
      [
        id,
        declaration.temporality ?? null,
        declaration.help ?? null,
        declaration.unit ?? null,
        name,
        ...this.known.values,
      ],
    );
    return rows[0];
  }
}
