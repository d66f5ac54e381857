import { BadRequestException, ConflictException, Inject, Injectable } from '@nestjs/common';
import { Catalog } from '../../catalog/catalog.js';
import { partConflict } from '../../catalog/metric/contradiction.js';
import { histogramOf } from '../../catalog/metric/histogram-family.js';
import { StoreUnavailableError } from '../../database/store-unavailable.error.js';
import { problemOfMetricName } from '../../catalog/metric/metric-name.js';
import { sanitizeText } from '../../outside-text/name.js';
import type { MetricDeclaration, MetricType, Temporality } from '../../catalog/metric/metric.js';
import type { Metric } from '../../catalog/series/series.js';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../custom-metrics.options.js';
import { OwnMetrics } from '../../catalog/metric/own-metrics.js';

/** Maximum number of attempts to declare a metric. An attempt fails if the metric is deleted or renamed at the same moment. */
const MAX_ATTEMPTS = 5;

/**
 * The `Retry-After` if this process has no memory for the declared metric. The time is long, because usually only a restart
 * helps.
 */
const NO_MEMORY_RETRY_SECONDS = 60;

/** Declares metrics, and refuses declarations that contradict existing metrics. */
@Injectable()
export class MetricDeclarationsService {
  constructor(
    private readonly catalog: Catalog,
    private readonly own: OwnMetrics,
    @Inject(CUSTOM_METRICS_OPTIONS) private readonly options: CustomMetricsOptions,
  ) {}

  /**
   * Creates a metric, or completes the declaration of an existing one. A given help text or unit replaces the old one.
   *
   * @throws BadRequestException for an illegal name or a gauge with a temporality, ConflictException with advice if the
   *   declaration contradicts the metric or other requests keep deleting or renaming it, StoreUnavailableError if this process
   *   has no memory for the metric
   */
  async declare(name: string, declaration: MetricDeclaration & { type: MetricType }): Promise<Metric> {
    const problem = problemOfMetricName(name, this.options.series);
    if (problem !== undefined) throw new BadRequestException(problem);
    const { type } = declaration;
    // In a JSON body, null means the same as an absent property.
    const temporality = declaration.temporality ?? undefined;
    const help = declaration.help == null ? undefined : sanitizeText(declaration.help);
    const unit = declaration.unit == null ? undefined : sanitizeText(declaration.unit);
    if (temporality !== undefined && type === 'gauge') {
      throw new BadRequestException('A gauge has no temporality, because its newest value is the current one.');
    }
    const ownConflict = this.own.conflictOfType(name, type);
    if (ownConflict !== undefined) throw new ConflictException(ownConflict.message);
    this.checkFamily(name, type);
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
      const known = this.catalog.findMetric(name);
      if (known !== undefined) this.checkConflict(known, type, temporality);
      else this.checkMemory(name);
      const metric = known ?? (await this.catalog.ensureMetric({ name, type, temporality, help, unit }));
      if (metric === undefined) continue;
      if (metric !== known) this.checkConflict(metric, type, temporality);
      if (await this.catalog.describe(metric, { temporality, help, unit }, true)) return metric;
    }
    throw new ConflictException(
      `${name} is being deleted or renamed repeatedly by other requests. Declare it after they have ended.`,
    );
  }

  /** Refuses to create a metric if this process has no memory for some of the stored metrics or series. */
  private checkMemory(name: string): void {
    if (this.catalog.isComplete) return;
    throw new StoreUnavailableError(
      `This process does not know the metric ${name} and can't add it, because more metrics and series are stored than it has memory for ` +
        '(SERIES_MEMORY_LIMIT). Remove metrics that are not needed and restart it, or raise the limit.',
      NO_MEMORY_RETRY_SECONDS,
    );
  }

  private checkFamily(name: string, type: MetricType): void {
    const histogram = histogramOf(name, this.catalog);
    if (histogram !== undefined && type !== 'counter') {
      throw new ConflictException(`${name} belongs to the histogram ${histogram.name} and is a counter.`);
    }
    if (type !== 'histogram') return;
    const conflict = partConflict(name, this.catalog);
    if (conflict !== undefined) throw new ConflictException(conflict.message);
  }

  private checkConflict(metric: Metric, type: MetricType, temporality: Temporality | undefined): void {
    if (metric.type !== type) {
      throw new ConflictException(
        `${metric.name} has been a ${metric.type} since ${metric.createdAt.toISOString()} and can't be declared a ${type}. The type of a ` +
          `metric never changes: use another name, or rename or remove the ${metric.type} first.`,
      );
    }
    if (temporality === undefined) return;
    if (metric.temporality !== null && metric.temporality !== temporality)
      throw temporalityConflict(metric, temporality);
    for (const series of metric.series.values()) {
      if (series.kind !== temporality) throw temporalityConflict(metric, temporality);
    }
  }
}

function temporalityConflict(metric: Metric, wanted: Temporality): ConflictException {
  return new ConflictException(
    `${metric.name} takes ${metric.temporality ?? (wanted === 'delta' ? 'cumulative' : 'delta')} samples already, so it can't be ` +
      `declared ${wanted}, which would change the meaning of the stored samples. Use another name.`,
  );
}
