import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { CUSTOM_METRICS_DATA_SOURCE } from '../database/data-source.token.js';
import { KnownDatabase } from '../database/known-database.js';
import { CatalogRepository, type MetricRow } from './catalog.repository.js';
import type { SeriesRow } from './series/series-row.js';
import type { LabelSet } from './series/label-set.js';
import { identityOf } from './series/series-identity.js';
import type { MetricDeclaration, MetricType, Temporality } from './metric/metric.js';
import { DatabaseSchema } from '../database/schema/database-schema.js';

export interface NewMetric extends MetricDeclaration {
  readonly name: string;
  readonly type: MetricType;
}

export interface NewSeries {
  readonly metricId: number;
  readonly metricName: string;
  readonly labels: LabelSet;
  readonly labelsText: string;
  readonly temporality: Temporality | null;
  readonly createdByTokenId: number | null;
  readonly isScraped: boolean;
}

/** A series without its labels, which the caller of the statement knows. */
type StoredSeries = Omit<SeriesRow, 'labels_text' | 'created_at_ms'> & {
  readonly identity: Buffer;
  readonly created_at: Date;
};

/** The columns of {@link StoredSeries}. The constant is a record so that the compiler reports a missing column. */
const STORED: Readonly<Record<keyof StoredSeries, true>> = {
  id: true,
  metric_id: true,
  identity: true,
  temporality: true,
  created_by_token_id: true,
  created_at: true,
  is_scraped: true,
};

const STORED_COLUMNS = Object.keys(STORED).join(', ');

/** Contains the SQL that creates metrics and series. */
@Injectable()
export class CreationRepository {
  constructor(
    @Inject(CUSTOM_METRICS_DATA_SOURCE) private readonly dataSource: DataSource,
    private readonly catalog: CatalogRepository,
    private readonly known: KnownDatabase,
    private readonly schema: DatabaseSchema,
  ) {}

  /**
   * Makes sure that metrics exist. If another process has created a metric in the meantime, the metric is returned as that
   * process created it, so the caller has to compare types. Rows are inserted in the order of their names, because two processes
   * that create the same metrics in different orders would deadlock.
   */
  async ensureMetrics(metrics: readonly NewMetric[]): Promise<MetricRow[]> {
    const sorted = metrics.toSorted((a, b) => (a.name < b.name ? -1 : 1));
    await this.dataSource.query(
      `INSERT INTO ${this.schema}.metric (name, type, temporality, help, unit)
       SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[])
       WHERE ${this.known.condition(6)}
       ON CONFLICT (name) DO NOTHING`,
      [
        sorted.map(({ name }) => name),
        sorted.map(({ type }) => type),
        sorted.map(({ temporality }) => temporality ?? null),
        sorted.map(({ help }) => help ?? null),
        sorted.map(({ unit }) => unit ?? null),
        ...this.known.values,
      ],
    );
    return this.catalog.findMetricsByName(sorted.map(({ name }) => name));
  }

  /**
   * Makes sure that series exist; they are inserted in the order of their identities. A forgotten series is restored. If the
   * metric was deleted or replaced by another one, its series get no row, because the statement waits for the lock of a running
   * deletion and then sees its result.
   *
   * Labels are not read back, because the identity determines them.
   */
  async ensureSeries(series: readonly NewSeries[]): Promise<SeriesRow[]> {
    const rows = series
      .map((each) => ({ ...each, identity: identityOf(each.metricName, each.labelsText) }))
      .toSorted((a, b) => Buffer.compare(a.identity, b.identity));
    const identities = rows.map(({ identity }) => identity);
    const labelsTexts = new Map(rows.map(({ identity, labelsText }) => [identity.toString('latin1'), labelsText]));
    const withLabels = (row: StoredSeries): SeriesRow => {
      const { identity, created_at, ...rest } = row;
      const labelsText = labelsTexts.get(identity.toString('latin1'))!;
      return { ...rest, labels_text: labelsText, created_at_ms: created_at.getTime() };
    };
    const created: StoredSeries[] = await this.dataSource.query(
      `INSERT INTO ${this.schema}.series (metric_id, identity, labels, temporality, created_by_token_id, is_scraped)
       SELECT metric_id, identity, labels::jsonb, new.temporality, token_id, new.is_scraped
       FROM unnest($1::int[], $2::bytea[], $3::text[], $4::text[], $5::int[], $6::text[], $7::boolean[])
         AS new (metric_id, identity, labels, temporality, token_id, metric_name, is_scraped)
       JOIN ${this.schema}.metric ON metric.id = new.metric_id AND metric.name = new.metric_name AND metric.deleted_at IS NULL
       WHERE ${this.known.condition(8)}
       ORDER BY identity
       FOR KEY SHARE OF metric
       ON CONFLICT (identity) DO NOTHING
       RETURNING ${STORED_COLUMNS}`,
      [...Object.values(parametersOf(rows)), ...this.known.values],
    );
    if (created.length === rows.length) return created.map(withLabels);
    const find = (): Promise<(StoredSeries & { is_forgotten: boolean })[]> =>
      this.dataSource.query(
        `SELECT ${STORED_COLUMNS}, forgotten_at IS NOT NULL AS is_forgotten
         FROM ${this.schema}.series WHERE identity = ANY($1::bytea[]) AND ${this.known.condition(2)} ORDER BY id`,
        [identities, ...this.known.values],
      );
    const found = await find();
    const forgotten = found.filter(({ is_forgotten }) => is_forgotten);
    if (forgotten.length === 0) return found.map(withLabels);
    // Whether a restored series is scraped depends on the new samples, because those that came before are no longer stored.
    const scraped = new Map(rows.map(({ identity, isScraped }) => [identity.toString('latin1'), isScraped]));
    await this.catalog.reviveSeries(
      forgotten.map(({ id }) => id),
      forgotten.map(({ identity }) => scraped.get(identity.toString('latin1'))!),
    );
    return (await find()).map(withLabels);
  }
}

/**
 * Returns the first parameters of the statement that creates series, in their order. The result is a record, so that the compiler
 * reports a property of {@link NewSeries} that is missing here. Postgres then rejects the statement until it uses the new
 * parameter.
 */
function parametersOf(
  rows: readonly (NewSeries & { readonly identity: Buffer })[],
): Readonly<Record<Exclude<keyof NewSeries, 'labelsText'> | 'identity', readonly unknown[]>> {
  return {
    metricId: rows.map(({ metricId }) => metricId),
    identity: rows.map(({ identity }) => identity),
    labels: rows.map(({ labels }) => JSON.stringify(Object.fromEntries(labels))),
    temporality: rows.map(({ temporality }) => temporality),
    createdByTokenId: rows.map(({ createdByTokenId }) => createdByTokenId),
    metricName: rows.map(({ metricName }) => metricName),
    isScraped: rows.map(({ isScraped }) => isScraped),
  };
}
