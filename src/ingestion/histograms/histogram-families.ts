import { Inject, Injectable } from '@nestjs/common';
import { Catalog } from '../../catalog/catalog.js';
import { histogramConflict, typeConflict } from '../../catalog/metric/contradiction.js';
import { readMetricName, storedMetricName } from '../../outside-text/name.js';
import { refusedMetricName } from '../name-refusals.js';
import type { Refusal } from '../../catalog/refusal.js';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../custom-metrics.options.js';
import { OwnMetrics } from '../../catalog/metric/own-metrics.js';
import { descriptionOf, type HistogramPart } from '../incoming-sample.js';
import type { StoreWait } from '../../database/store-wait.js';

/** A part whose histogram may have to be declared. */
export interface PartToDeclare extends HistogramPart {
  /** True if the sample came by remote write. */
  readonly isScraped?: true;
}

/** Declares the histograms whose parts are pushed, so that the exposition shows each as one family. */
@Injectable()
export class HistogramFamilies {
  constructor(
    private readonly catalog: Catalog,
    private readonly own: OwnMetrics,
    @Inject(CUSTOM_METRICS_OPTIONS) private readonly options: CustomMetricsOptions,
  ) {}

  isDeclared({ name, help }: HistogramPart): boolean {
    const metric = this.catalog.findMetric(storedMetricName(name, this.options.series.nameValidation));
    return metric?.type === 'histogram' && (!help || metric.help !== null);
  }

  /**
   * Declares the histograms that are not declared yet, and adds the help text and the unit to those without a help text.
   *
   * @param wait the wait of the request that contains the parts
   * @returns the refusals of histograms, by the names under which they were pushed
   */
  async ensure(parts: readonly PartToDeclare[], wait?: StoreWait): Promise<Map<string, Refusal>> {
    const refusals = new Map<string, Refusal>();
    for (const part of new Map(parts.map((each) => [each.name, each])).values()) {
      if (this.isDeclared(part)) continue;
      const refusal = this.check(part) ?? (await this.declare(part, wait));
      if (refusal !== undefined) refusals.set(part.name, refusal);
    }
    return refusals;
  }

  private async declare(part: HistogramPart, wait?: StoreWait): Promise<Refusal | undefined> {
    const { help, unit } = descriptionOf(part);
    const name = storedMetricName(part.name, this.options.series.nameValidation);
    const metric =
      this.catalog.findMetric(name) ?? (await this.catalog.ensureMetric({ name, type: 'histogram', help, unit }, wait));
    // There is no memory for the histogram, or it has just been deleted. Its parts are stored as plain counters if they fit, and
    // the next push tries to declare it again.
    if (metric === undefined) return undefined;
    if (metric.type !== 'histogram') return typeConflict(metric, 'histogram');
    if (help !== undefined && metric.help === null) await this.catalog.describe(metric, { help, unit }, false, wait);
    return undefined;
  }

  private check({ name: given, isScraped }: PartToDeclare): Refusal | undefined {
    const { metricNameMaxLength, nameValidation } = this.options.series;
    const name = storedMetricName(given, nameValidation);
    const checked = nameValidation === 'utf8' ? readMetricName(given, this.options.series) : name;
    if (typeof checked !== 'string') return refusedMetricName(given, checked, this.options.series);
    const { catalog, own } = this;
    return histogramConflict(name, { catalog, own, metricNameMaxLength, isScraped: isScraped === true });
  }
}
