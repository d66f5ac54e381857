import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { CUSTOM_METRICS_DATA_SOURCE } from '../database/data-source.token.js';
import { type LabelSet, labelsToText } from './label-set.js';
import type { MetricDeclaration, MetricType, Temporality } from './metric.js';
import { decodeSeriesPage, type PackedSeriesPage, SERIES_PAGE_COLUMNS } from './series-page.js';

export interface MetricRow {
  readonly id: number;
  readonly name: string;
  readonly type: MetricType;
  readonly temporality: Temporality | null;
  readonly help: string | null;
  readonly unit: string | null;
  readonly created_at: Date;
}

/** A metric that something was last said of, or that was deleted. */
export interface UpdatedMetricRow extends MetricRow {
  readonly updated_at: Date;
  readonly is_deleted: boolean;
}

export interface SeriesRow {
  readonly id: number;
  readonly metric_id: number;
  readonly labels: Record<string, string>;
  readonly temporality: Temporality | null;
  readonly created_by_token_id: number | null;
  readonly created_at: Date;
}

export interface NewMetric extends MetricDeclaration {
  readonly name: string;
  readonly type: MetricType;
}

export interface NewSeries {
  readonly metricId: number;
  readonly metricName: string;
  readonly labels: LabelSet;
  readonly temporality: Temporality | null;
  readonly createdByTokenId: number | null;
}

const METRIC_COLUMNS = 'id, name, type, temporality, help, unit, created_at';
const SERIES_COLUMNS = 'id, metric_id, labels, temporality, created_by_token_id, created_at';

/** Deleted rows stay for a while, under names and identities that nobody else can have. */
const IS_KNOWN = 'deleted_at IS NULL AND forgotten_at IS NULL';

/** Series loaded at a time: with the most and longest labels that the defaults allow, some 100 MB in one value. */
const SERIES_PAGE = 2_500;

/** All SQL of metrics and series but that of their removal. */
@Injectable()
export class CatalogRepository {
  constructor(@Inject(CUSTOM_METRICS_DATA_SOURCE) private readonly dataSource: DataSource) {}

  findMetrics(): Promise<MetricRow[]> {
    return this.dataSource.query(`SELECT ${METRIC_COLUMNS} FROM metric WHERE deleted_at IS NULL ORDER BY id`);
  }

  async findMetricsByName(names: readonly string[]): Promise<MetricRow[]> {
    // Postgres refuses a text with a NUL, so no name has one.
    const possible = names.filter((name) => !name.includes('\0'));
    if (possible.length === 0) return [];
    return this.dataSource.query(
      `SELECT ${METRIC_COLUMNS} FROM metric WHERE name = ANY($1::text[]) AND deleted_at IS NULL ORDER BY id`,
      [possible],
    );
  }

  /** Metrics that were made, declared or deleted, or that lost series, in the last seconds. */
  findMetricsUpdatedWithin(seconds: number): Promise<UpdatedMetricRow[]> {
    return this.dataSource.query(
      `SELECT ${METRIC_COLUMNS}, updated_at, deleted_at IS NOT NULL AS is_deleted
       FROM metric WHERE updated_at > now() - make_interval(secs => $1) ORDER BY id`,
      [seconds],
    );
  }

  /** Those of the metrics that are not there any more. */
  async findVanishedMetrics(ids: readonly number[]): Promise<number[]> {
    const rows: { id: number }[] = await this.dataSource.query(
      `SELECT id FROM unnest($1::int[]) AS known (id)
       WHERE NOT EXISTS (SELECT FROM metric WHERE metric.id = known.id AND deleted_at IS NULL)`,
      [ids],
    );
    return rows.map(({ id }) => id);
  }

  /** All series in the order of their ids, in pages. */
  async *findSeries(): AsyncGenerator<SeriesRow[]> {
    for (let page = await this.findSeriesPage(0); page.length > 0;) {
      // Postgres finds the next page while this one is taken in.
      const next = page.length < SERIES_PAGE ? Promise.resolve([]) : this.findSeriesPage(page.at(-1)!.id);
      // An error waits until it is thrown below, and does not end the process meanwhile.
      next.catch(() => undefined);
      yield page;
      page = await next;
    }
  }

  private async findSeriesPage(afterId: number): Promise<SeriesRow[]> {
    const [packed]: [PackedSeriesPage | { ids: null }] = await this.dataSource.query(
      `SELECT ${SERIES_PAGE_COLUMNS} FROM (
         SELECT ${SERIES_COLUMNS} FROM series WHERE id > $1 AND ${IS_KNOWN} ORDER BY id LIMIT ${SERIES_PAGE}
       ) AS page`,
      [afterId],
    );
    return packed.ids === null ? [] : decodeSeriesPage(packed);
  }

  findSeriesOfMetrics(metricIds: readonly number[]): Promise<SeriesRow[]> {
    return this.dataSource.query(
      `SELECT ${SERIES_COLUMNS} FROM series WHERE metric_id = ANY($1::int[]) AND ${IS_KNOWN} ORDER BY id`,
      [metricIds],
    );
  }

  /** How many living series there are, of one metric or in all, and the largest id among them; 0 without any. */
  async findSeriesExtent(metricId?: number): Promise<{ count: number; newestId: number }> {
    const [row]: [{ count: string; newest_id: number | null }] = await this.dataSource.query(
      `SELECT count(*) AS count, max(id) AS newest_id FROM series
       WHERE ($1::int IS NULL OR metric_id = $1) AND deleted_at IS NULL AND forgotten_at IS NULL`,
      [metricId ?? null],
    );
    return { count: Number(row.count), newestId: row.newest_id ?? 0 };
  }

  /** Ids of living series, of one metric or all. */
  async findSeriesIds(metricId?: number): Promise<number[]> {
    const rows: { id: number }[] = await this.dataSource.query(
      `SELECT id FROM series
       WHERE ($1::int IS NULL OR metric_id = $1) AND deleted_at IS NULL AND forgotten_at IS NULL`,
      [metricId ?? null],
    );
    return rows.map(({ id }) => id);
  }

  /** Series by their ids. A forgotten one is brought back: who asks has a sample of it. Deleted ones are not found. */
  async findSeriesByIds(ids: readonly number[]): Promise<SeriesRow[]> {
    return this.broughtBack(
      await this.dataSource.query(
        `SELECT ${SERIES_COLUMNS}, forgotten_at IS NOT NULL AS is_forgotten
         FROM series WHERE id = ANY($1::int[]) AND deleted_at IS NULL ORDER BY id`,
        [ids],
      ),
    );
  }

  /**
   * Brings forgotten series back; others are left alone. As if it had been pushed just now, or it might be forgotten again
   * before its sample has arrived.
   */
  async reviveSeries(ids: readonly number[]): Promise<void> {
    await this.dataSource.query(
      `UPDATE series SET forgotten_at = NULL, pushed_at = now()
       WHERE id = ANY($1::int[]) AND forgotten_at IS NOT NULL AND deleted_at IS NULL`,
      [ids],
    );
  }

  /**
   * Makes sure that metrics exist. One that another process has made meanwhile is returned as that one made it, so the
   * caller has to compare types. Rows are inserted in the order of their names: two processes that create the same
   * metrics in different orders would wait for each other in a circle.
   */
  async ensureMetrics(metrics: readonly NewMetric[]): Promise<MetricRow[]> {
    const sorted = metrics.toSorted((a, b) => (a.name < b.name ? -1 : 1));
    await this.dataSource.query(
      `INSERT INTO metric (name, type, temporality, help, unit)
       SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[])
       ON CONFLICT (name) DO NOTHING`,
      [
        sorted.map(({ name }) => name),
        sorted.map(({ type }) => type),
        sorted.map(({ temporality }) => temporality ?? null),
        sorted.map(({ help }) => help ?? null),
        sorted.map(({ unit }) => unit ?? null),
      ],
    );
    return this.findMetricsByName(sorted.map(({ name }) => name));
  }

  /**
   * The same for series, in the order of their identities. A forgotten one is brought back. One whose metric has been
   * deleted gets no row: the lock waits for a deletion under way, and then sees it.
   */
  async ensureSeries(series: readonly NewSeries[]): Promise<SeriesRow[]> {
    const rows = series
      .map((each) => ({ ...each, identity: identityOf(each.metricName, each.labels) }))
      .toSorted((a, b) => Buffer.compare(a.identity, b.identity));
    const identities = rows.map(({ identity }) => identity);
    const created: SeriesRow[] = await this.dataSource.query(
      `INSERT INTO series (metric_id, identity, labels, temporality, created_by_token_id)
       SELECT metric_id, identity, labels::jsonb, new.temporality, token_id
       FROM unnest($1::int[], $2::bytea[], $3::text[], $4::text[], $5::int[])
         AS new (metric_id, identity, labels, temporality, token_id)
       JOIN metric ON metric.id = new.metric_id AND metric.deleted_at IS NULL
       ORDER BY identity
       FOR KEY SHARE OF metric
       ON CONFLICT (identity) DO NOTHING
       RETURNING ${SERIES_COLUMNS}`,
      [
        rows.map(({ metricId }) => metricId),
        identities,
        rows.map(({ labels }) => JSON.stringify(Object.fromEntries(labels))),
        rows.map(({ temporality }) => temporality),
        rows.map(({ createdByTokenId }) => createdByTokenId),
      ],
    );
    if (created.length === rows.length) return created;
    return this.broughtBack(
      await this.dataSource.query(
        `SELECT ${SERIES_COLUMNS}, forgotten_at IS NOT NULL AS is_forgotten
         FROM series WHERE identity = ANY($1::bytea[]) ORDER BY id`,
        [identities],
      ),
    );
  }

  /**
   * Fills what is not said yet; with `isOverwriting` what is given wins over what stands there.
   *
   * @returns undefined if the metric has been deleted
   */
  async describeMetric(
    id: number,
    declaration: MetricDeclaration,
    isOverwriting: boolean,
  ): Promise<MetricRow | undefined> {
    const choose = (column: string, parameter: string) =>
      isOverwriting ? `coalesce(${parameter}, ${column})` : `coalesce(${column}, ${parameter})`;
    const [rows]: [MetricRow[], number] = await this.dataSource.query(
      `UPDATE metric SET updated_at = now(), temporality = ${choose('temporality', '$2')}, help = ${choose('help', '$3')}, unit = ${choose('unit', '$4')}
       WHERE id = $1 AND deleted_at IS NULL RETURNING ${METRIC_COLUMNS}`,
      [id, declaration.temporality ?? null, declaration.help ?? null, declaration.unit ?? null],
    );
    return rows[0];
  }

  private async broughtBack(found: (SeriesRow & { is_forgotten: boolean })[]): Promise<SeriesRow[]> {
    const forgotten = found.filter(({ is_forgotten }) => is_forgotten).map(({ id }) => id);
    if (forgotten.length > 0) await this.reviveSeries(forgotten);
    return found;
  }
}

/** What makes a series unique in the database. The labels' text is unambiguous, and no name contains a brace. */
function identityOf(metricName: string, labels: LabelSet): Buffer {
  return createHash('sha256')
    .update(`${metricName}{${labelsToText(labels)}}`)
    .digest();
}
