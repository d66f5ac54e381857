import type { MetricType, Temporality } from '../../../catalog/metric/metric.js';
import type { Metric } from '../../../catalog/series/series.js';

/** A metric as it is declared now. */
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
