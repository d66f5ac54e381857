import { ConflictException, Injectable, Logger } from '@nestjs/common';
import { CatalogRemoval } from '../../catalog/removal/catalog-removal.js';
import { CatalogRefresh } from '../../catalog/catalog-refresh.js';
import { Catalog } from '../../catalog/catalog.js';
import { HISTOGRAM_SUFFIX, histogramOf } from '../../catalog/metric/histogram-family.js';
import type { Series } from '../../catalog/series/series.js';
import { RemovedSamplesRepository, type StoredAmount } from '../../sample-store/removal/removed-samples.repository.js';
import { SeriesSelection } from '../../queries/selection/series-selection.js';
import type { RemovalResponse } from './dto/removal.response.js';

/** Removes metrics and series, or reports how much a removal would delete. */
@Injectable()
export class MetricRemovalService {
  private readonly logger = new Logger(MetricRemovalService.name);

  constructor(
    private readonly catalog: Catalog,
    private readonly refresh: CatalogRefresh,
    private readonly removal: CatalogRemoval,
    private readonly stored: RemovedSamplesRepository,
    private readonly selection: SeriesSelection,
  ) {}

  /**
   * Removes a metric with all its series and samples. For a histogram, its counters are removed too.
   *
   * @throws NotFoundException with a hint; ConflictException for a counter that is part of a histogram
   */
  async removeMetric(name: string, isDryRun: boolean): Promise<RemovalResponse> {
    const family = await this.familyOf(name);
    const histogram = histogramOf(name, this.catalog);
    if (histogram !== undefined) {
      throw new ConflictException(
        `${name} belongs to the histogram ${histogram.name}, which would be incomplete without it. Remove ` +
          `${histogram.name}, which removes its counters, or only some series of ${name}.`,
      );
    }
    const amount = await this.stored.countOfMetrics(family.map(({ id }) => id));
    const response = responseOf(name, isDryRun, amount);
    if (isDryRun) return response;
    // Another request may have removed or renamed the metric in the meantime.
    if (!(await this.removal.deleteMetrics(family))) throw this.selection.unknownMetric(name);
    this.logger.log(`Removed the metric ${name}: ${amount.series} series, ${amount.samples} samples.`);
    return response;
  }

  /**
   * Removes the series of a metric that match label filters. For a histogram, the series of its counters are removed.
   *
   * @param labels filters of the form `name=value` or `name!=value`
   * @throws NotFoundException with a hint, BadDataError for malformed filters
   */
  async removeSeries(name: string, labels: readonly string[], isDryRun: boolean): Promise<RemovalResponse> {
    const matches = this.selection.matcherOf(labels);
    const series: Series[] = [];
    for (const metric of await this.familyOf(name)) {
      await this.refresh.ofMetric(metric.name);
      for (const each of this.catalog.findMetric(metric.name)?.series.values() ?? [])
        if (matches(each)) series.push(each);
    }
    const amount = await this.stored.count(series.map(({ id }) => id));
    const response = responseOf(name, isDryRun, { ...amount, series: series.length });
    if (isDryRun || series.length === 0) return response;
    await this.removal.deleteSeries(series);
    this.logger.log(`Removed ${series.length} series of the metric ${name}: ${response.sampleCount} samples.`);
    return response;
  }

  /**
   * Reads a metric and, if it is a histogram, its counters from Postgres, because another process may have just created them.
   */
  private async familyOf(name: string): Promise<{ readonly id: number; readonly name: string }[]> {
    const [metric] = await this.catalog.reread([name]);
    if (metric === undefined) throw this.selection.unknownMetric(name);
    if (metric.type !== 'histogram') return [metric];
    return [metric, ...(await this.catalog.reread(Object.values(HISTOGRAM_SUFFIX).map((suffix) => name + suffix)))];
  }
}

function responseOf(
  metric: string,
  dryRun: boolean,
  { series, samples, chunks }: StoredAmount & { readonly series: number },
): RemovalResponse {
  return { metric, dryRun, seriesCount: series, sampleCount: samples, chunkCount: chunks };
}
