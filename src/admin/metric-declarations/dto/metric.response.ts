import type { MetricType, Temporality } from '../../../catalog/metric/metric.js';
import type { Metric } from '../../../catalog/series/series.js';

/** The current declaration of a metric. */
export class MetricResponse {
  name: string;
  type: MetricType;
  temporality: Temporality | null;
  help: string | null;
  unit: string | null;
  createdAt: Date;

  static of({ name, type, temporality, help, unit, createdAt }: Metric): MetricResponse {
    return { name, type, temporality, help, unit, createdAt };
  }
}
