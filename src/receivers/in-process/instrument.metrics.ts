import { Injectable, type Provider } from '@nestjs/common';
import { InjectMetric, makeCounterProvider } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
import type { DropReason } from './pending-values.js';

const DROPPED = 'custom_metrics_instrument_values_dropped_total';

/** Counts the values of instruments that were dropped. */
@Injectable()
export class InstrumentMetrics {
  constructor(@InjectMetric(DROPPED) private readonly dropped: Counter<'reason'>) {}

  countDropped(reason: DropReason, values: number): void {
    this.dropped.inc({ reason }, values);
  }
}

export const instrumentMetricsProviders: Provider[] = [
  makeCounterProvider({
    name: DROPPED,
    help: 'Values of instruments in this process that were dropped, by reason',
    labelNames: ['reason'],
  }),
  InstrumentMetrics,
];
