import type { components } from '../../api/openapi.js';

export type Refusals = components['schemas']['RefusalsResponse'];
export type Storage = components['schemas']['StorageResponse'];
export type HealthReport = components['schemas']['HealthResponse'];

interface Count {
  name: string;
  value: number;
}

/** The part of Prometheus' TSDB status that the page shows. */
export interface TsdbStatus {
  headStats: { numSeries: number };
  seriesCountByMetricName: Count[];
  labelValueCountByLabelName: Count[];
}
