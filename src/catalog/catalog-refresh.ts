import { Inject, Injectable } from '@nestjs/common';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../custom-metrics.options.js';
import { waitOutOutage } from '../database/outage.js';
import { usableWait } from '../database/store-wait.js';
import { KnownDatabase } from '../database/known-database.js';
import { Catalog } from './catalog.js';
import { CatalogRepository } from './catalog.repository.js';
import { ExtentsRepository } from './extents.repository.js';
import { KnownExtents } from './series/known-extents.js';
import { extentOfAll, extentOfMetric, haveSameSeries } from './series/series-extent.js';
import type { Metric } from './series/series.js';
import { SettledExtents } from './series/settled-extents.js';

/**
 * Maximum time that a query waits for a lost connection to be restored. An answer without asking Postgres might miss samples that
 * another process, which is still connected, has acknowledged. It never waits longer than `STORE_WAIT_MS`.
 */
const OUTAGE_WAIT_MS = 2_000;

/**
 * Only metrics that were created or changed within this time are read. All others are known from the polls, which run every
 * quarter of a second.
 */
const METRICS_WITHIN_SECONDS = 10;

/** Maximum number of attempts to look up a name. An attempt fails if the known metric turns out to have lost the name. */
const MAX_FORMER_HOLDERS = 5;

/**
 * Immediately reads the metrics and series that other processes have created or renamed. Four polls of the change feed a second
 * are enough for an exposition but not for a query: a client that got a 202 from one process may query another one a millisecond
 * later.
 */
@Injectable()
export class CatalogRefresh {
  private readonly waitMs: number;
  private readonly settled: SettledExtents;

  constructor(
    private readonly catalog: Catalog,
    private readonly repository: CatalogRepository,
    private readonly extents: ExtentsRepository,
    private readonly known: KnownDatabase,
    @Inject(CUSTOM_METRICS_OPTIONS) { store }: CustomMetricsOptions,
  ) {
    this.settled = new SettledExtents(known);
    this.waitMs = Math.min(OUTAGE_WAIT_MS, usableWait(store.waitMs));
  }

  /** Makes sure that the metric of a name and all of its series are known, if they exist. */
  ofMetric(name: string): Promise<void> {
    return waitOutOutage(async () => {
      for (let former = 0; former < MAX_FORMER_HOLDERS; former++) {
        const metric = this.catalog.findMetric(name) ?? (await this.read(name));
        if (metric === undefined) return;
        this.catalog.checkComplete(metric);
        const isCurrent = await this.ofSeriesOf(metric);
        this.catalog.checkComplete(metric);
        if (isCurrent) return;
        // The metric has been renamed or deleted, and another one may have its name.
        await this.catalog.dropVanished([metric]);
      }
    }, this.waitMs);
  }

  /** Makes sure that all series are known. */
  ofAllSeries(): Promise<void> {
    return waitOutOutage(async () => {
      this.catalog.checkComplete();
      const known = extentOfAll(this.catalog.metrics);
      const { generation } = this.known;
      const stored = await this.extents.findSeriesExtent();
      this.known.assertStill(generation);
      if (!haveSameSeries(stored, known)) await this.fetchUnknown();
      this.catalog.checkComplete();
    }, this.waitMs);
  }

  /** Makes sure that all metrics are known. */
  ofMetrics(): Promise<void> {
    return waitOutOutage(async () => {
      const { generation } = this.known;
      const updates = await this.repository.findMetricUpdates(METRICS_WITHIN_SECONDS);
      this.known.assertStill(generation);
      const unknown = updates
        .filter((update) => !update.isDeleted && !this.catalog.isNamed(update))
        .map(({ id }) => id);
      for await (const page of this.repository.findMetricsByIds(unknown)) {
        this.known.assertStill(generation);
        await this.catalog.learn(page);
      }
      this.catalog.checkCompleteOfMetrics();
    }, this.waitMs);
  }

  /**
   * Returns the extents of some metrics. If the database has the same extents, all series of these metrics are known.
   *
   * @returns undefined if one of the metrics is unknown
   * @throws StoreUnavailableError if series of one of the metrics are left out
   */
  knownExtents(names: Iterable<string>): KnownExtents | undefined {
    const metrics: Metric[] = [];
    for (const name of names) {
      const metric = this.catalog.findMetric(name);
      if (metric === undefined) return undefined;
      this.catalog.checkComplete(metric);
      metrics.push(metric);
    }
    return new KnownExtents(metrics, this.settled, this.known);
  }

  /** Reads an unknown metric; returns undefined if there is none of this name. */
  private async read(name: string): Promise<Metric | undefined> {
    const { generation } = this.known;
    const [row] = await this.repository.findMetricsByName([name]);
    this.known.assertStill(generation);
    if (row === undefined) return undefined;
    await this.catalog.learn([row]);
    const metric = this.catalog.findMetric(name);
    if (metric === undefined) this.catalog.checkComplete();
    return metric;
  }

  /**
   * Reads the unknown series of a metric. Usually there are none, and a single small statement finds that out.
   *
   * @returns false if the metric no longer has its name
   */
  private async ofSeriesOf(metric: Metric): Promise<boolean> {
    const known = extentOfMetric(metric);
    const settled = this.settled.of(metric);
    const { generation } = this.known;
    const stored = await this.extents.findMetricExtent(metric.id, settled?.aboveId ?? 0);
    this.known.assertStill(generation);
    if (this.settled.confirms(metric, known, settled, stored)) return true;
    if (stored.nameId !== known.nameId) return false;
    await this.fetchUnknown(metric.id);
    return true;
  }

  private async fetchUnknown(metricId?: number): Promise<void> {
    const { generation } = this.known;
    const ids = await this.repository.findSeriesIds(metricId);
    this.known.assertStill(generation);
    const unknown = Array.from(ids.filter((id) => this.catalog.findSeriesById(id) === undefined));
    if (unknown.length > 0) await this.catalog.fetchSeries(unknown);
  }
}
