import type { components } from '../../api/openapi.js';

export type Refusals = components['schemas']['RefusalsResponse'];

/** What is stored, and how the work on it keeps up. */
export interface Storage {
  at: string;
  databaseBytes: number;
  tables: { name: string; bytes: number }[];
  sampleCount: number | null;
  logSampleCount: number | null;
  oldestSampleAt: string | null;
  bytesPerSample: number | null;
  compactionLagSeconds: number;
  peerLagSeconds: number;
  processes: {
    id: number;
    isThis: boolean;
    startedAt: string;
    heartbeatAgeSeconds: number;
    lastCommitAt: string | null;
  }[];
}

export type HealthReport = components['schemas']['HealthResponse'];

interface Count {
  name: string;
  value: number;
}

/** The answer of Prometheus' status of its store, as far as the page shows it. */
export interface TsdbStatus {
  headStats: { numSeries: number };
  seriesCountByMetricName: Count[];
  labelValueCountByLabelName: Count[];
}
