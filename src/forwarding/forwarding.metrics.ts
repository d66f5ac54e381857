import { Injectable, type Provider } from '@nestjs/common';
import {
  getToken,
  InjectMetric,
  makeCounterProvider,
  makeGaugeProvider,
  makeHistogramProvider,
} from '@willsoto/nestjs-prometheus';
import { Counter, Gauge, type Histogram, register } from 'prom-client';
import { ForwardingStatus } from './forwarding-status.js';
import type { RefusalReason } from './target/outcome.js';

const LAG = 'custom_metrics_forwarding_lag_seconds';
const LEFT_OUT = 'custom_metrics_forwarding_left_out_samples';
const IS_ACTIVE = 'custom_metrics_forwarding_active';
const FORWARDED = 'custom_metrics_forwarded_samples_total';
const REFUSED = 'custom_metrics_forwarding_refused_samples_total';
const DROPPED = 'custom_metrics_forwarding_dropped_samples_total';
const RETRIES = 'custom_metrics_forwarding_retries_total';
const REQUEST_DURATION = 'custom_metrics_forwarding_request_duration_seconds';
const QUEUE_BYTES = 'custom_metrics_forwarding_queue_bytes';

/** The reasons why samples are not forwarded although the target has not refused them. */
export type DropReason = 'overdue' | 'series_deleted';

/** Records the service's own metrics about forwarding. */
@Injectable()
export class ForwardingMetrics {
  constructor(
    @InjectMetric(FORWARDED) private readonly forwarded: Counter,
    @InjectMetric(REFUSED) private readonly refused: Counter<'reason'>,
    @InjectMetric(DROPPED) private readonly dropped: Counter<'reason'>,
    @InjectMetric(RETRIES) private readonly retries: Counter,
    @InjectMetric(REQUEST_DURATION) private readonly requestDuration: Histogram,
    @InjectMetric(QUEUE_BYTES) private readonly queueBytes: Gauge,
    @InjectMetric(IS_ACTIVE) private readonly active: Gauge,
  ) {}

  countForwarded(samples: number): void {
    this.forwarded.inc(samples);
  }

  countRefused(reason: RefusalReason, samples: number): void {
    this.refused.inc({ reason }, samples);
  }

  countDropped(reason: DropReason, samples: number): void {
    if (samples > 0) this.dropped.inc({ reason }, samples);
  }

  countRetry(): void {
    this.retries.inc();
  }

  observeRequest(seconds: number): void {
    this.requestDuration.observe(seconds);
  }

  setQueueBytes(bytes: number): void {
    this.queueBytes.set(bytes);
  }

  setActive(isActive: boolean): void {
    this.active.set(isActive ? 1 : 0);
  }
}

/** Provides a gauge whose value is read from the status at each scrape. */
function statusGauge(name: string, help: string, read: (status: ForwardingStatus) => number): Provider {
  return {
    provide: getToken(name),
    inject: [ForwardingStatus],
    useFactory: (status: ForwardingStatus) => {
      // Without this, a second module in the same process would show the state of the first.
      register.removeSingleMetric(name);
      return new Gauge({
        name,
        help,
        collect() {
          this.set(read(status));
        },
      });
    },
  };
}

export const forwardingMetricsProviders: Provider[] = [
  statusGauge(
    LAG,
    'Seconds since all samples had been forwarded by remote write; 0 if nothing is forwarded',
    ({ lagSeconds }) => lagSeconds,
  ),
  statusGauge(
    LEFT_OUT,
    'Samples that were not kept for the target of remote write, because the queue was full',
    ({ leftOutSamples }) => leftOutSamples,
  ),
  makeGaugeProvider({ name: IS_ACTIVE, help: 'Whether this process is the one that forwards samples (1) or not (0)' }),
  makeCounterProvider({
    name: FORWARDED,
    help: 'Samples that the target of remote write has accepted from this process',
  }),
  makeCounterProvider({
    name: REFUSED,
    help: 'Samples that the target of remote write has refused, and that are not sent again',
    labelNames: ['reason'],
  }),
  makeCounterProvider({
    name: DROPPED,
    help: 'Samples that were not forwarded, because they had waited too long or their series was deleted',
    labelNames: ['reason'],
  }),
  makeCounterProvider({ name: RETRIES, help: 'Requests to the target of remote write that have to be sent again' }),
  makeHistogramProvider({
    name: REQUEST_DURATION,
    help: 'How long the target of remote write took to answer a request',
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
  }),
  makeGaugeProvider({
    name: QUEUE_BYTES,
    help: 'Size in Postgres of the samples that have left the log and wait for the target of remote write',
  }),
  ForwardingMetrics,
];
