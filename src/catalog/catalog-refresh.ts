import { Injectable } from '@nestjs/common';
import { waitOutOutage } from '../database/outage.js';
import { KnownDatabase } from '../database/known-database.js';
import { Catalog } from './catalog.js';
import { CatalogRepository } from './catalog.repository.js';
import { extentOf, KnownExtents, type SeriesExtent } from './series/known-extents.js';
import type { Series } from './series/series.js';

/**
 * Maximum time that a query waits for a lost connection to be restored. An answer without asking Postgres might miss samples that
 * another process, which is still connected, has acknowledged.
 */
const OUTAGE_WAIT_MS = 2_000;

/**
 * Only metrics that were created or changed within this time are read. All others are known from the polls, which run every quarter of a
 * second.
 */
const METRICS_WITHIN_SECONDS = 10;

/**
 * Immediately reads the metrics and series that other processes have created or renamed. Four polls of the change feed a second are enough
 * for an exposition but not for a query: a client that got a 202 from one process may query another one a millisecond later.
 */
@Injectable()
export class CatalogRefresh {
  constructor(
    private readonly catalog: Catalog,
    private readonly repository: CatalogRepository,
    private readonly known: KnownDatabase,
  ) {}

  /** Makes sure that a metric and all of its series are known, if they exist. */
  ofMetric(name: string): Promise<void> {
    return waitOutOutage(async () => {
      let metric = this.catalog.findMetric(name);
      if (metric === undefined) {
        const { generation } = this.known;
        const [row] = await this.repository.findMetricsByName([name]);
        this.known.assertStill(generation);
        if (row === undefined) return;
        await this.catalog.learn([row]);
        metric = this.catalog.findMetric(name);
        if (metric === undefined) return this.catalog.checkComplete();
      }
      this.catalog.checkComplete(metric);
      await this.ofSeries(metric.series.values(), metric.id);
      this.catalog.checkComplete(metric);
    }, OUTAGE_WAIT_MS);
  }

  /** Makes sure that all series are known. */
  ofAllSeries(): Promise<void> {
    return waitOutOutage(async () => {
      this.catalog.checkComplete();
      await this.ofSeries(this.catalog.allSeries());
      this.catalog.checkComplete();
    }, OUTAGE_WAIT_MS);
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
    }, OUTAGE_WAIT_MS);
  }

  /**
   * Returns the extents of some metrics. If the database has the same extents, all series of these metrics are known.
   *
   * @returns undefined if one of the metrics is unknown
   * @throws StoreUnavailableError if series of one of the metrics are left out
   */
  knownExtents(names: Iterable<string>): KnownExtents | undefined {
    const extents = new Map<number, SeriesExtent>();
    for (const name of names) {
      const metric = this.catalog.findMetric(name);
      if (metric === undefined) return undefined;
      this.catalog.checkComplete(metric);
      extents.set(metric.id, extentOf(metric.series.values()));
    }
    return new KnownExtents(extents, this.known);
  }

  /** Reads unknown series. Usually there are none, and a single small statement finds that out. */
  private async ofSeries(known: Iterable<Series>, metricId?: number): Promise<void> {
    const { count, newestId } = extentOf(known);
    const { generation } = this.known;
    const stored = await this.repository.findSeriesExtent(metricId);
    this.known.assertStill(generation);
    if (stored.count === count && stored.newestId === newestId) return;
    const ids = await this.repository.findSeriesIds(metricId);
    this.known.assertStill(generation);
    const unknown = Array.from(ids.filter((id) => this.catalog.findSeriesById(id) === undefined));
    if (unknown.length > 0) await this.catalog.fetchSeries(unknown);
  }
}
