import type { Metric, MetricType, Temporality } from '../../../catalog/metric/metric.js';

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
