import { ConflictException, Injectable, Logger } from '@nestjs/common';
import { CatalogRemoval } from '../catalog/catalog-removal.js';
import { Catalog } from '../catalog/catalog.js';
import { HISTOGRAM_SUFFIX, histogramOf } from '../catalog/histogram-family.js';
import type { Metric } from '../catalog/metric.js';
import type { Series } from '../catalog/series.js';
import { RemovedSamplesRepository } from '../sample-store/removed-samples.repository.js';
import { matcherOf, parseLabelFilter } from '../selection/label-filter.js';
import { SeriesSelection } from '../selection/series-selection.js';
import type { RemovalResponse } from './dto/removal.response.js';

/** Removes metrics and series on purpose, or tells how much that would be. */
@Injectable()
export class MetricRemovalService {
  private readonly logger = new Logger(MetricRemovalService.name);

  constructor(
    private readonly catalog: Catalog,
    private readonly removal: CatalogRemoval,
    private readonly stored: RemovedSamplesRepository,
    private readonly selection: SeriesSelection,
  ) {}

  /**
   * Removes a metric with everything that was pushed to it; a histogram with the counters it consists of.
   *
   * @throws NotFoundException with a hint; ConflictException for a counter that a histogram could not do without
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
    const series = seriesOf(family);
    const response = await this.describe(name, series, isDryRun);
    if (isDryRun) return response;
    await this.removal.deleteMetrics(family);
    this.logger.log(`Removed the metric ${name}: ${series.length} series, ${response.sampleCount} samples.`);
    return response;
  }

  /**
   * Removes the series of a metric that have some labels; of a histogram, those of its counters.
   *
   * @param labels `name=value` texts
   * @throws NotFoundException with a hint, BadDataError for labels of another form
   */
  async removeSeries(name: string, labels: readonly string[], isDryRun: boolean): Promise<RemovalResponse> {
    const matches = matcherOf(parseLabelFilter(labels));
    const series = seriesOf(await this.familyOf(name)).filter(matches);
    const response = await this.describe(name, series, isDryRun);
    if (isDryRun || series.length === 0) return response;
    await this.removal.deleteSeries(series);
    this.logger.log(`Removed ${series.length} series of the metric ${name}: ${response.sampleCount} samples.`);
    return response;
  }

  /** The metric, and if it is a histogram its counters; as they are in Postgres now, not as this process remembers them. */
  private async familyOf(name: string): Promise<Metric[]> {
    const [metric] = await this.catalog.reread([name]);
    if (metric === undefined) throw this.selection.unknownMetric(name);
    if (metric.type !== 'histogram') return [metric];
    return [metric, ...(await this.catalog.reread(Object.values(HISTOGRAM_SUFFIX).map((suffix) => name + suffix)))];
  }

  private async describe(metric: string, series: readonly Series[], isDryRun: boolean): Promise<RemovalResponse> {
    const { samples, chunks } = await this.stored.count(series.map(({ id }) => id));
    return { metric, dryRun: isDryRun, seriesCount: series.length, sampleCount: samples, chunkCount: chunks };
  }
}

function seriesOf(metrics: readonly Metric[]): Series[] {
  return metrics.flatMap((metric) => [...metric.series.values()]);
}
