import { type MetricRow, nameIdOf } from './catalog.repository.js';
import type { SeriesRow } from './series/series-row.js';
import { bytesOfMetric, bytesOfSeries } from './series/memory-cost.js';
import type { MetricDeclaration } from './metric/metric.js';
import { Metric } from './series/series.js';
import { Series } from './series/series.js';
import { TokenShares } from './series/token-shares.js';
import { ShardedMap } from './sharded-map.js';

/**
 * Holds the known metrics and series in memory. Every change is one synchronous step, so code between two awaits sees a
 * consistent state.
 *
 * Slots of removed series are reused, because the live values keep arrays that are as long as the largest slot.
 *
 * Once a metric or series has been left out because the memory limit is reached, nothing is added any more. The samples of a
 * series that was left out have not been applied, so it would show a wrong total if it were added later.
 */
export class CatalogIndex {
  private readonly metricsById = new Map<number, Metric>();
  private readonly metricsByName = new Map<string, Metric>();
  private readonly utf8MetricsById = new Map<number, Metric>();
  private readonly seriesById = new ShardedMap<Series>();
  private readonly shares = new TokenShares();
  private readonly freeSlots: number[] = [];
  /** Removed metrics whose series still occupy memory. */
  private readonly removedMetrics: Metric[] = [];
  private newestMetricId = 0;
  private newestSeriesId = 0;
  private usedBytes = 0;
  private isFull = false;
  private hasAllMetrics = true;
  private renames = 0;

  /** @param maxBytes maximum memory of metrics and series; further ones are left out */
  constructor(private readonly maxBytes = Infinity) {}

  /** All metrics, in the order in which they became known. */
  get metrics(): Iterable<Metric> {
    return this.metricsById.values();
  }

  /** The metrics whose names only Prometheus 3 allows, by id. */
  get utf8Metrics(): ReadonlyMap<number, Metric> {
    return this.utf8MetricsById;
  }

  get seriesCount(): number {
    return this.seriesById.size;
  }

  /** The memory of all metrics and series in bytes, as estimated by memory-cost.ts. */
  get bytes(): number {
    return this.usedBytes;
  }

  /** False once a metric or a series has been left out. */
  get isComplete(): boolean {
    return !this.isFull;
  }

  /** False once a metric has been left out. */
  get isCompleteOfMetrics(): boolean {
    return this.hasAllMetrics;
  }

  /** Grows whenever known metrics get new names. */
  get renameCount(): number {
    return this.renames;
  }

  /** The metric with the highest id. */
  get newestMetric(): Metric | undefined {
    // A search is necessary only if that metric has been removed.
    if (!this.metricsById.has(this.newestMetricId)) this.newestMetricId = largestOf(this.metricsById.keys());
    return this.metricsById.get(this.newestMetricId);
  }

  /** The series with the highest id. */
  get newestSeries(): Series | undefined {
    if (!this.seriesById.has(this.newestSeriesId)) this.newestSeriesId = largestOf(this.seriesById.keys());
    return this.seriesById.get(this.newestSeriesId);
  }

  seriesCountOfToken(tokenId: number): number {
    return this.shares.seriesCountOf(tokenId);
  }

  bytesOfToken(tokenId: number): number {
    return this.shares.bytesOf(tokenId);
  }

  findMetric(name: string): Metric | undefined {
    return this.metricsByName.get(name);
  }

  findMetricById(id: number): Metric | undefined {
    return this.metricsById.get(id);
  }

  findSeriesById(id: number): Series | undefined {
    const series = this.seriesById.get(id);
    return series?.isRemoved === true ? undefined : series;
  }

  /**
   * Adds a metric that is stored in Postgres. The caller has applied all renames by {@link renameMetrics} before. So if another
   * known metric got the same name earlier, it must have been deleted, because otherwise the name would not have been free. If it
   * got the name later, the row is outdated.
   *
   * @returns the metric that now has the name; undefined if it was left out for lack of memory
   */
  addMetric(row: MetricRow): Metric | undefined {
    const same = this.metricsById.get(row.id);
    if (same !== undefined) return same;
    const known = this.metricsByName.get(row.name);
    if (known !== undefined && known.nameId >= nameIdOf(row)) return known;
    if (known !== undefined) this.removeMetric(known.id);
    if (!this.takeRoom(bytesOfMetric(row))) {
      this.hasAllMetrics = false;
      return undefined;
    }
    const { id, name, type, created_at: createdAt, temporality, help, unit } = row;
    const metric = new Metric(id, name, type, createdAt, temporality, help, unit, nameIdOf(row));
    this.metricsById.set(id, metric);
    if (!metric.hasLegacyName) this.utf8MetricsById.set(id, metric);
    this.newestMetricId = Math.max(this.newestMetricId, id);
    this.metricsByName.set(name, metric);
    return metric;
  }

  /**
   * Gives known metrics the names that they have in Postgres. Several metrics may have exchanged their names, so all of them lose
   * their old names first.
   *
   * @returns whether any name has changed
   */
  renameMetrics(rows: Iterable<MetricRow>): boolean {
    const renamed: [metric: Metric, row: MetricRow][] = [];
    for (const row of rows) {
      const metric = this.metricsById.get(row.id);
      if (metric === undefined || metric.nameId >= nameIdOf(row)) continue;
      const holder = this.metricsByName.get(row.name);
      // The row is outdated if another metric got the name later.
      if (holder === undefined || holder === metric || holder.nameId < nameIdOf(row)) renamed.push([metric, row]);
    }
    for (const [metric] of renamed) {
      if (this.metricsByName.get(metric.name) === metric) this.metricsByName.delete(metric.name);
    }
    for (const [metric, row] of renamed) {
      const holder = this.metricsByName.get(row.name);
      if (holder !== undefined) this.removeMetric(holder.id);
      this.change(metric, () => metric.rename(row.name, nameIdOf(row)));
      this.metricsByName.set(row.name, metric);
      if (metric.hasLegacyName) this.utf8MetricsById.delete(metric.id);
      else this.utf8MetricsById.set(metric.id, metric);
    }
    if (renamed.length > 0) this.renames++;
    return renamed.length > 0;
  }

  /** Changes the declaration of a metric. */
  describeMetric(
    metric: Metric,
    described: Required<{ [Key in keyof Omit<MetricDeclaration, 'type'>]: Metric[Key] }>,
  ): void {
    this.change(metric, () => Object.assign(metric, described));
  }

  /** Changes the texts of a metric, and corrects the memory that is counted for it. */
  private change(metric: Metric, change: () => void): void {
    const before = bytesOfMetric(metric);
    change();
    if (metric.isRemoved) return;
    const difference = bytesOfMetric(metric) - before;
    this.usedBytes += difference;
    this.shares.add(metric.firstTokenId ?? null, 0, difference);
  }

  /**
   * Adds a series that is stored in Postgres. A series whose metric is unknown is ignored, because the metric was deleted
   * meanwhile or left out. If there is no memory for the series, it is left out and its metric is marked as incomplete.
   */
  addSeries(row: SeriesRow): void {
    const metric = this.metricsById.get(row.metric_id);
    if (metric === undefined || this.seriesById.has(row.id)) return;
    const { temporality, labels_text: labelsText, created_by_token_id: tokenId, is_scraped: isScraped } = row;
    const known = metric.series.get(labelsText);
    // As with metrics, only one existing series can have these labels.
    if (known !== undefined && known.id > row.id) return;
    if (known !== undefined) this.removeSeries(known.id);
    const bytes = bytesOfSeries(labelsText);
    if (!this.takeRoom(bytes)) {
      metric.isIncomplete = true;
      return;
    }
    const slot = this.freeSlots.pop() ?? this.seriesById.size;
    const createdAt = new Date(row.created_at_ms);
    const series = new Series(row.id, slot, metric, labelsText, temporality, tokenId, createdAt, isScraped);
    metric.addSeries(series);
    this.seriesById.set(row.id, series);
    this.newestSeriesId = Math.max(this.newestSeriesId, row.id);
    this.shares.add(tokenId, 1, bytes);
    if (metric.firstTokenId === undefined) {
      metric.firstTokenId = tokenId;
      this.shares.add(tokenId, 0, bytesOfMetric(metric));
    }
  }

  /** Records that a metric has stored series that are left out of memory. */
  leaveOutSeriesOf(metricId: number): void {
    this.isFull = true;
    const metric = this.metricsById.get(metricId);
    if (metric === undefined) this.hasAllMetrics = false;
    else metric.isIncomplete = true;
  }

  /**
   * Removes a metric with its series, so that they are no longer found. Their memory is freed by {@link clearRemoved} in steps,
   * because a metric may have a million series.
   *
   * @returns whether the metric was known
   */
  removeMetric(id: number): boolean {
    const metric = this.metricsById.get(id);
    if (metric === undefined) return false;
    metric.isRemoved = true;
    this.metricsById.delete(id);
    this.utf8MetricsById.delete(id);
    if (this.metricsByName.get(metric.name) === metric) this.metricsByName.delete(metric.name);
    this.usedBytes -= bytesOfMetric(metric);
    this.shares.add(metric.firstTokenId ?? null, 0, -bytesOfMetric(metric));
    if (metric.series.size > 0) this.removedMetrics.push(metric);
    return true;
  }

  /** True if {@link clearRemoved} has work to do. */
  get hasToClear(): boolean {
    return this.removedMetrics.length > 0;
  }

  /** Frees the memory of series whose metric was removed, one series in each step. Several calls may run at the same time. */
  *clearRemoved(): Generator<void, void> {
    for (let metric = this.removedMetrics[0]; metric !== undefined; metric = this.removedMetrics[0]) {
      for (const series of metric.series.values()) {
        this.release(series);
        yield;
      }
      if (this.removedMetrics[0] === metric) this.removedMetrics.shift();
    }
  }

  /** @returns whether the series was known */
  removeSeries(id: number): boolean {
    const series = this.findSeriesById(id);
    if (series === undefined) return false;
    this.release(series);
    return true;
  }

  private release(series: Series): void {
    const bytes = bytesOfSeries(series.labelsText);
    series.isRemoved = true;
    series.metric.removeSeries(series);
    this.seriesById.delete(series.id);
    this.freeSlots.push(series.slot);
    this.usedBytes -= bytes;
    this.shares.add(series.createdByTokenId, -1, -bytes);
  }

  /**
   * Reserves memory.
   *
   * @returns false if there is not enough memory; after that, every call returns false
   */
  private takeRoom(bytes: number): boolean {
    this.isFull ||= this.usedBytes + bytes > this.maxBytes;
    if (!this.isFull) this.usedBytes += bytes;
    return !this.isFull;
  }

  /**
   * Marks all metrics and series as removed, and the series as foreign, because this process no longer works with the database of
   * this index.
   */
  abandon(): void {
    for (const metric of this.metricsById.values()) {
      metric.isRemoved = true;
      for (const series of metric.series.values()) series.isRemoved = series.isForeign = true;
    }
  }
}

/** @returns the largest id, or 0 if there is none */
function largestOf(ids: Iterable<number>): number {
  let largest = 0;
  for (const id of ids) largest = Math.max(largest, id);
  return largest;
}
