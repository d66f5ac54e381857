import { Injectable, type Provider } from '@nestjs/common';
import {
  InjectMetric,
  makeCounterProvider,
  makeGaugeProvider,
  makeHistogramProvider,
} from '@willsoto/nestjs-prometheus';
import type { Counter, Gauge, Histogram } from 'prom-client';

const COMMIT_DURATION = 'custom_metrics_commit_duration_seconds';
const COMMIT_SAMPLES = 'custom_metrics_commit_samples';
const QUEUED_SAMPLES = 'custom_metrics_queued_samples';
const UNKNOWN_OUTCOMES = 'custom_metrics_requests_with_unknown_outcome_total';

/** Records the service's own metrics about commits to the log. */
@Injectable()
export class SampleStoreMetrics {
  constructor(
    @InjectMetric(COMMIT_DURATION) private readonly commitDuration: Histogram,
    @InjectMetric(COMMIT_SAMPLES) private readonly commitSamples: Histogram,
    @InjectMetric(QUEUED_SAMPLES) private readonly queuedSamples: Gauge,
    @InjectMetric(UNKNOWN_OUTCOMES) private readonly unknownOutcomes: Counter,
  ) {}

  countUnknownOutcomes(requests: number): void {
    if (requests > 0) this.unknownOutcomes.inc(requests);
  }

  observeCommit(samples: number, seconds: number): void {
    this.commitSamples.observe(samples);
    this.commitDuration.observe(seconds);
  }

  setQueued(samples: number): void {
    this.queuedSamples.set(samples);
  }
}

export const sampleStoreMetricsProviders: Provider[] = [
  makeHistogramProvider({
    name: COMMIT_DURATION,
    help: 'How long Postgres took to commit one group of samples',
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
  }),
  makeHistogramProvider({
    name: COMMIT_SAMPLES,
    help: 'Number of samples in one commit',
    buckets: [1, 10, 100, 1_000, 10_000, 100_000],
  }),
  makeGaugeProvider({ name: QUEUED_SAMPLES, help: 'Samples that wait for their commit' }),
  makeCounterProvider({
    name: UNKNOWN_OUTCOMES,
    help: 'Requests that were answered 503 while it was unknown whether they are stored',
  }),
  SampleStoreMetrics,
];
