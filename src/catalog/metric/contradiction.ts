import { HISTOGRAM_SUFFIX } from './histogram-family.js';
import type { MetricType } from './metric.js';
import type { Metric } from '../series/series.js';
import { Refusal } from '../refusal.js';
import type { SeriesRequest } from '../series/series-plan.js';

/** The refusal of a sample, or of a declaration, that takes a metric for something else. */
export function typeConflict(metric: Metric, wanted: MetricType): Refusal {
  return new Refusal(
    'type_conflict',
    `${metric.name} is a ${metric.type} since ${metric.createdAt.toISOString()} and can't be taken as a ${wanted}. ` +
      'A name has one type for ever: leave out "type", or use another name.',
  );
}

/** Why a name can't be a histogram: one that its parts would have is something else than a counter. */
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

/** Why a series can't be made as it is wanted, judged by what its metric is now. */
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
        `${metric.name} has just been declared ${metric.temporality}, and this sample is ${temporality}. Send it again, ` +
          `as ${metric.temporality}.`,
      )
    : undefined;
}
