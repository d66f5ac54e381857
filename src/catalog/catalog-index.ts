import type { MetricRow, SeriesRow } from './catalog.repository.js';
import { labelSetOf, labelsToText } from './label-set.js';
import { Metric } from './metric.js';
import { Series } from './series.js';

/**
 * The metrics and series that are known, in memory. Every change is one synchronous step, so whoever reads between two
 * awaits sees a consistent state.
 *
 * Slots of removed series are given out again, because the live values keep arrays as long as the largest slot.
 */
export class CatalogIndex {
  private readonly metricsById = new Map<number, Metric>();
  private readonly metricsByName = new Map<string, Metric>();
  private readonly seriesById = new Map<number, Series>();
  private readonly seriesCountByToken = new Map<number, number>();
  private readonly freeSlots: number[] = [];

  /** All metrics, in the order in which they became known. */
  get metrics(): Iterable<Metric> {
    return this.metricsById.values();
  }

  get seriesCount(): number {
    return this.seriesById.size;
  }

  seriesCountOfToken(tokenId: number): number {
    return this.seriesCountByToken.get(tokenId) ?? 0;
  }

  findMetric(name: string): Metric | undefined {
    return this.metricsByName.get(name);
  }

  findMetricById(id: number): Metric | undefined {
    return this.metricsById.get(id);
  }

  findSeriesById(id: number): Series | undefined {
    return this.seriesById.get(id);
  }

  /**
   * Takes in a metric that Postgres has. One of the same name and a lower id has been deleted, or the name would not have
   * been free; one with a higher id means that the row is old news.
   *
   * @returns the metric that has the name now
   */
  addMetric(row: MetricRow): Metric {
    const known = this.metricsByName.get(row.name);
    if (known !== undefined && known.id >= row.id) return known;
    if (known !== undefined) this.removeMetric(known.id);
    const metric = new Metric(row.id, row.name, row.type, row.created_at, row.temporality, row.help, row.unit);
    this.metricsById.set(row.id, metric);
    this.metricsByName.set(row.name, metric);
    return metric;
  }

  /** Takes in a series that Postgres has, unless its metric is not known: then it has been deleted meanwhile. */
  addSeries(row: SeriesRow): void {
    const metric = this.metricsById.get(row.metric_id);
    if (metric === undefined || this.seriesById.has(row.id)) return;
    const labelsText = labelsToText(labelSetOf(row.labels));
    const known = metric.series.get(labelsText);
    // As with metrics: labels are unique among what is not deleted.
    if (known !== undefined && known.id > row.id) return;
    if (known !== undefined) this.removeSeries(known.id);
    const slot = this.freeSlots.pop() ?? this.seriesById.size;
    const { temporality, created_by_token_id: tokenId } = row;
    const series = new Series(row.id, slot, metric, labelsText, temporality, tokenId, row.created_at);
    metric.series.set(labelsText, series);
    this.seriesById.set(row.id, series);
    this.countOfToken(tokenId, 1);
  }

  /** @returns whether it was known */
  removeMetric(id: number): boolean {
    const metric = this.metricsById.get(id);
    if (metric === undefined) return false;
    for (const series of metric.series.values()) this.removeSeries(series.id);
    metric.isRemoved = true;
    this.metricsById.delete(id);
    if (this.metricsByName.get(metric.name) === metric) this.metricsByName.delete(metric.name);
    return true;
  }

  /** @returns whether it was known */
  removeSeries(id: number): boolean {
    const series = this.seriesById.get(id);
    if (series === undefined) return false;
    series.isRemoved = true;
    series.metric.series.delete(series.labelsText);
    this.seriesById.delete(id);
    this.freeSlots.push(series.slot);
    this.countOfToken(series.createdByTokenId, -1);
    return true;
  }

  private countOfToken(tokenId: number | null, change: number): void {
    if (tokenId === null) return;
    const count = this.seriesCountOfToken(tokenId) + change;
    if (count === 0) this.seriesCountByToken.delete(tokenId);
    else this.seriesCountByToken.set(tokenId, count);
  }
}
