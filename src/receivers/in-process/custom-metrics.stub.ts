import type { CounterInstrument, GaugeInstrument, HistogramInstrument, Instruments } from './instruments.js';
import type { InstrumentLabels } from './instrument-labels.js';
import type { PushedItem, PushResult } from './pushed-items.js';

/** One call of an instrument, or one item of a push. */
export interface RecordedValue {
  readonly name: string;
  readonly value: number;
  readonly labels: InstrumentLabels;
}

/**
 * Stands in for `CustomMetrics` in unit tests of an app, without a database.
 *
 * @example
 * ```ts
 * const metrics = new CustomMetricsStub();
 * await Test.createTestingModule({ providers: [Shop, { provide: CustomMetrics, useValue: metrics }] }).compile();
 * expect(metrics.recorded).toContainEqual({ name: 'orders_total', value: 1, labels: { country: 'de' } });
 * ```
 */
export class CustomMetricsStub implements Instruments {
  /** All calls and all items of pushes, in order. */
  readonly recorded: RecordedValue[] = [];

  counter(name: string): CounterInstrument {
    return { add: (value = 1, labels = {}) => this.record(name, value, labels) };
  }

  gauge(name: string): GaugeInstrument {
    const record = (value: number, labels: InstrumentLabels = {}) => this.record(name, value, labels);
    return { set: record, add: record };
  }

  histogram(name: string): HistogramInstrument {
    return { observe: (value, labels = {}) => this.record(name, value, labels) };
  }

  push(items: readonly PushedItem[]): Promise<PushResult> {
    for (const { name, value, labels = {} } of items) this.record(name, value, labels);
    return Promise.resolve({ accepted: items.length, rejected: [] });
  }

  /** Does nothing, because values are recorded immediately. */
  flush(): Promise<void> {
    return Promise.resolve();
  }

  private record(name: string, value: number, labels: InstrumentLabels): void {
    this.recorded.push({ name, value, labels });
  }
}
