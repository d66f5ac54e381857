import { abbreviate } from '../../outside-text/abbreviate.js';
import { HISTOGRAM_SUFFIX, histogramOf } from './histogram-family.js';
import type { MetricType } from './metric.js';
import type { OwnMetrics } from './own-metrics.js';
import type { Metric } from '../series/series.js';
import { Refusal } from '../refusal.js';
import type { SeriesRequest } from '../series/series-plan.js';

/** Returns the refusal of a sample or declaration whose type differs from the type of its metric. */
export function typeConflict(metric: Metric, wanted: MetricType): Refusal {
  return new Refusal(
    'type_conflict',
    `${metric.name} has been a ${metric.type} since ${metric.createdAt.toISOString()} and can't be used as a ${wanted}. ` +
      'The type of a name never changes: leave out "type", or use another name.',
  );
}

/** Returns the refusal of a histogram's name if a metric has the name of one of its counters and is not a counter. */
export function partConflict(
  name: string,
  catalog: { findMetric(name: string): Metric | undefined },
): Refusal | undefined {
  for (const suffix of Object.values(HISTOGRAM_SUFFIX)) {
    const part = catalog.findMetric(name + suffix);
    if (part !== undefined && part.type !== 'counter') {
      return new Refusal(
        'type_conflict',
        `${part.name} is a ${part.type}, but a histogram ${name} would need it as a counter. Use another name.`,
      );
    }
  }
  return undefined;
}

/** The state and the limits that decide whether a histogram can have a name. */
export interface HistogramRules {
  readonly catalog: { findMetric(name: string): Metric | undefined };
  readonly own: Pick<OwnMetrics, 'conflictOfType'>;
  readonly metricNameMaxLength: number;
  /**
   * True if all series of the histogram are scraped. The exposition does not show them, so they can't conflict with the service's
   * own metrics.
   */
  readonly isScraped: boolean;
}

/** Returns the refusal of a legal name for a histogram, or undefined if a histogram can have the name. */
export function histogramConflict(name: string, rules: HistogramRules): Refusal | undefined {
  const { catalog, own, metricNameMaxLength, isScraped } = rules;
  if (Buffer.byteLength(name) + HISTOGRAM_SUFFIX.bucket.length > metricNameMaxLength) {
    return new Refusal(
      'name_too_long',
      `The name of the histogram ${abbreviate(name)} has ${Buffer.byteLength(name)} bytes; with ${HISTOGRAM_SUFFIX.bucket} the limit ` +
        `(METRIC_NAME_MAX_LENGTH) is ${metricNameMaxLength}. Use a shorter name.`,
    );
  }
  const ownConflict = isScraped ? undefined : own.conflictOfType(name, 'histogram');
  if (ownConflict !== undefined) return ownConflict;
  const family = histogramOf(name, catalog);
  if (family !== undefined) {
    return new Refusal(
      'type_conflict',
      `${name} belongs to the histogram ${family.name} and can't be a histogram of its own. Use another name.`,
    );
  }
  const metric = catalog.findMetric(name);
  if (metric !== undefined && metric.type !== 'histogram') return typeConflict(metric, 'histogram');
  return partConflict(name, catalog);
}

/** Returns why a series can't be created as requested, given the current state of its metric. */
export function contradiction(
  metric: Metric,
  { type, temporality, isTemporalityGiven }: Pick<SeriesRequest, 'type' | 'temporality' | 'isTemporalityGiven'>,
): Refusal | undefined {
  if (metric.type !== type) return typeConflict(metric, type);
  const isOther =
    !isTemporalityGiven && temporality !== null && metric.temporality !== null && metric.temporality !== temporality;
  return isOther
    ? new Refusal(
        'temporality_conflict',
        `${metric.name} has just been declared ${metric.temporality}, but this sample is ${temporality}. Send it again ` +
          `as ${metric.temporality}.`,
      )
    : undefined;
}
