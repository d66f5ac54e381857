import type { MetricType } from '../api/types.js';

/** A measure of a metric that a panel can show, with its name in the list. The first of each type is the default. */
export interface Sight {
  see: string;
  name: string;
}

const SIGHTS: Record<MetricType, readonly Sight[]> = {
  counter: [
    { see: 'increase', name: 'Added per step' },
    { see: 'rate', name: 'Per second' },
    { see: 'last', name: 'Total so far' },
    { see: 'count', name: 'Samples per step' },
  ],
  gauge: [
    { see: 'avg', name: 'Average, lowest, highest' },
    { see: 'last', name: 'Last value, added up' },
    { see: 'p50', name: 'Median' },
    { see: 'p95', name: '95th percentile' },
    { see: 'p99', name: '99th percentile' },
    { see: 'max', name: 'Highest' },
    { see: 'min', name: 'Lowest' },
    { see: 'first', name: 'First value' },
    { see: 'stddev', name: 'Standard deviation' },
    { see: 'count', name: 'Samples per step' },
  ],
  histogram: [
    { see: 'heatmap', name: 'Distribution' },
    { see: 'p50', name: 'Median' },
    { see: 'p95', name: '95th percentile' },
    { see: 'p99', name: '99th percentile' },
    { see: 'average', name: 'Average' },
    { see: 'count', name: 'Observations per step' },
  ],
};

/** Returns the measures that a panel of this type can show. */
export function sightsOf(type: MetricType): readonly Sight[] {
  return SIGHTS[type];
}

/**
 * Returns the measure that a panel shows. A heatmap can show only one group, so a grouped histogram shows the 95th percentile
 * instead.
 */
export function sightOf(type: MetricType, see: string, isGrouped: boolean): Sight {
  const sights = SIGHTS[type];
  const found = sights.find((sight) => sight.see === see) ?? sights[0]!;
  return found.see === 'heatmap' && isGrouped ? sights.find((sight) => sight.see === 'p95')! : found;
}

/** Returns whether the numbers of different lines can be added up, as stacked bars require. */
export function isAdditive(type: MetricType, see: string): boolean {
  return see === 'count' || (type === 'counter' && see === 'increase');
}
