import { Injectable, type Provider } from '@nestjs/common';
import {
  InjectMetric,
  makeCounterProvider,
  makeGaugeProvider,
  makeHistogramProvider,
} from '@willsoto/nestjs-prometheus';
import type { Counter, Gauge, Histogram } from 'prom-client';

const COMPACTED_SAMPLES = 'custom_metrics_compacted_samples_total';
/** The former name of {@link COMPACTED_SAMPLES}. Both names are exported for one version. */
const FOLDED_SAMPLES = 'custom_metrics_folded_samples_total';
const TURN_DURATION = 'custom_metrics_archive_turn_duration_seconds';
const HELD_BACK = 'custom_metrics_retention_held_back_partitions';
const FAILURES = 'custom_metrics_archive_failures_total';

/** Records the service's own metrics about the work on the archive. */
@Injectable()
export class ArchiveMetrics {
  constructor(
    @InjectMetric(COMPACTED_SAMPLES) private readonly compactedSamples: Counter,
    @InjectMetric(FOLDED_SAMPLES) private readonly foldedSamples: Counter,
    @InjectMetric(TURN_DURATION) private readonly turnDuration: Histogram,
    @InjectMetric(FAILURES) private readonly failures: Counter,
    @InjectMetric(HELD_BACK) private readonly heldBack: Gauge,
  ) {}

  countCompacted(samples: number): void {
    this.compactedSamples.inc(samples);
    this.foldedSamples.inc(samples);
  }

  observeTurn(seconds: number): void {
    this.turnDuration.observe(seconds);
  }

  setHeldBack(partitions: number): void {
    this.heldBack.set(partitions);
  }

  countFailure(): void {
    this.failures.inc();
  }
}

export const archiveMetricsProviders: Provider[] = [
  makeCounterProvider({
    name: COMPACTED_SAMPLES,
    help: 'Samples that this process has moved from the log into the archive',
  }),
  makeCounterProvider({ name: FOLDED_SAMPLES, help: `Deprecated: the same as ${COMPACTED_SAMPLES}` }),
  makeHistogramProvider({
    name: TURN_DURATION,
    help: 'How long one run of compacting, merging, and creating and dropping partitions took',
    buckets: [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60],
  }),
  makeCounterProvider({
    name: FAILURES,
    help: 'Failed steps of compacting, merging, and creating and dropping partitions; they are retried',
  }),
  makeGaugeProvider({
    name: HELD_BACK,
    help: 'Partitions older than RETENTION_DAYS that are kept because together they hold more than a day; see RETENTION_CONFIRMED_BEFORE',
  }),
  ArchiveMetrics,
];
