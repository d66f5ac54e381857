import type { MetricType, Temporality } from '../../../src/catalog/metric/metric.js';
import { Metric, Series } from '../../../src/catalog/series/series.js';

/** Creates a series whose id is also its slot. It is the only series of its metric. */
export function seriesOf(id: number, type: MetricType = 'counter', temporality: Temporality | null = null): Series {
  const metric = new Metric(id, `m${id}`, type, new Date(0), null, null, null);
  return new Series(id, id, metric, '', temporality, null, new Date(0));
}
