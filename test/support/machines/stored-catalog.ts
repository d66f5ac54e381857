import type { CatalogRepository, MetricRow } from '../../../src/catalog/catalog.repository.js';
import { Catalog } from '../../../src/catalog/catalog.js';
import type { CatalogMetrics } from '../../../src/catalog/catalog.metrics.js';
import type { CreationRepository, NewMetric, NewSeries } from '../../../src/catalog/creation.repository.js';
import type { MetricDeclaration } from '../../../src/catalog/metric/metric.js';
import type { SeriesRow } from '../../../src/catalog/series/series-row.js';
import type { SeriesRequest } from '../../../src/catalog/series/series-plan.js';
import { completeOptions, type CustomMetricsModuleOptions } from '../../../src/custom-metrics.options.js';

/**
 * Stands in for the two repositories of the catalog, and keeps metrics and series as the tables would. Each name has only one
 * row, and so does each set of labels of a name, regardless of which process was first. Several catalogs may share it, as several
 * processes share a database.
 */
export class StoredCatalog
  implements
    Pick<CreationRepository, 'ensureMetrics' | 'ensureSeries'>,
    Pick<CatalogRepository, 'findMetricsOf' | 'describeMetric'>
{
  readonly metrics = new Map<string, MetricRow>();
  readonly series = new Map<string, SeriesRow>();
  /** The statements, such as `metrics 2`, with the number of rows that each concerns. */
  readonly asked: string[] = [];
  /** Each statement waits for the returned promise, and fails if the promise rejects. */
  before: (statement: string) => Promise<unknown> = () => Promise.resolve();
  private lastId = 0;

  async ensureMetrics(metrics: readonly NewMetric[]): Promise<MetricRow[]> {
    await this.note(`metrics ${metrics.length}`);
    return metrics.map((metric) => this.metrics.get(metric.name) ?? this.addMetric(metric));
  }

  async ensureSeries(series: readonly NewSeries[]): Promise<SeriesRow[]> {
    await this.note(`series ${series.length}`);
    return series.flatMap((each) => {
      const key = `${each.metricName}{${each.labelsText}}`;
      const stored = this.series.get(key);
      if (stored !== undefined) return [stored];
      if (this.metrics.get(each.metricName)?.id !== each.metricId) return [];
      const row: SeriesRow = {
        id: ++this.lastId,
        metric_id: each.metricId,
        labels_text: each.labelsText,
        temporality: each.temporality,
        created_by_token_id: each.createdByTokenId,
        is_scraped: each.isScraped,
        created_at_ms: 0,
      };
      this.series.set(key, row);
      return [row];
    });
  }

  async findMetricsOf(ids: readonly number[], renameIds: readonly number[]): Promise<MetricRow[]> {
    await this.note(`metrics by id ${ids.length + renameIds.length}`);
    const isWanted = ({ id, rename_id }: MetricRow) => ids.includes(id) || renameIds.includes(rename_id ?? 0);
    return Array.from(this.metrics.values()).filter(isWanted);
  }

  async describeMetric(
    { name }: { readonly name: string },
    declaration: MetricDeclaration,
    isOverwriting: boolean,
  ): Promise<MetricRow | undefined> {
    await this.note('describe 1');
    const before = this.metrics.get(name);
    if (before === undefined) return undefined;
    const after = {
      ...before,
      help: (isOverwriting ? declaration.help : (before.help ?? declaration.help)) ?? null,
      unit: (isOverwriting ? declaration.unit : (before.unit ?? declaration.unit)) ?? null,
    };
    this.metrics.set(name, after);
    return after;
  }

  addMetric({ name, type, temporality, help, unit }: NewMetric): MetricRow {
    const row: MetricRow = {
      id: ++this.lastId,
      name,
      type,
      temporality: temporality ?? null,
      help: help ?? null,
      unit: unit ?? null,
      created_at: new Date(0),
      rename_id: null,
    };
    this.metrics.set(name, row);
    return row;
  }

  /** Renames metrics with their series in one step, as another process would. */
  rename(...changes: readonly { readonly from: string; readonly to: string }[]): void {
    const renameId = ++this.lastId;
    for (const { from, to } of changes) {
      const row = this.metrics.get(from)!;
      this.metrics.delete(from);
      this.metrics.set(to, { ...row, name: to, rename_id: renameId });
      for (const [key, series] of Array.from(this.series)) {
        if (series.metric_id !== row.id) continue;
        this.series.delete(key);
        this.series.set(`${to}{${series.labels_text}}`, series);
      }
    }
  }

  /** Deletes a metric with its series, as another process would. */
  deleteMetric(name: string): void {
    this.metrics.delete(name);
    for (const key of this.series.keys()) if (key.startsWith(`${name}{`)) this.series.delete(key);
  }

  private async note(statement: string): Promise<void> {
    this.asked.push(statement);
    await this.before(statement);
  }
}

/** Returns the catalog of one process on a stored catalog. */
export function catalogOn(stored: StoredCatalog, options: CustomMetricsModuleOptions = {}): Catalog {
  const metrics: Pick<CatalogMetrics, 'setSeries' | 'setSeriesBytesLimit' | 'setSeriesLeftOut'> = {
    setSeries: () => undefined,
    setSeriesBytesLimit: () => undefined,
    setSeriesLeftOut: () => undefined,
  };
  return new Catalog(
    stored as Partial<CatalogRepository> as CatalogRepository,
    stored as Partial<CreationRepository> as CreationRepository,
    completeOptions(options),
    metrics as CatalogMetrics,
  );
}

/** Returns a request for a series, which is a gauge by default. */
export function wanting(name: string, label = '', more: Partial<SeriesRequest> = {}): SeriesRequest {
  return {
    name,
    type: 'gauge',
    declaration: {},
    labels: label === '' ? [] : [['l', label]],
    labelsText: label === '' ? '' : `l="${label}"`,
    temporality: null,
    isTemporalityGiven: false,
    isScraped: false,
    tokenId: 1,
    ...more,
  };
}
