import { type BeforeApplicationShutdown, Inject, Injectable, Logger } from '@nestjs/common';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../custom-metrics.options.js';
import { BackgroundLoop } from '../../scheduling/background-loop.js';
import { BackgroundLoops } from '../../scheduling/background-loops.js';
import { InstrumentMetrics } from './instrument.metrics.js';
import { InstrumentWriter } from './instrument-writer.js';
import type {
  CounterInstrument,
  GaugeInstrument,
  HistogramInstrument,
  HistogramOptions,
  InstrumentLabels,
  InstrumentOptions,
  Instruments,
} from './instruments.js';
import { type InstrumentDefinition, PendingValues } from './pending-values.js';

/** The buckets of prom-client and of Prometheus' other clients, in seconds. */
const DEFAULT_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/**
 * Metrics from inside the app: counters, gauges and histograms that are stored like everything that is pushed.
 *
 * Values are added up in memory and committed together every `instruments.flushIntervalMs`. No call throws or waits: while
 * Postgres is away the values go on being added up, and what does not fit is dropped and counted
 * (`custom_metrics_instrument_values_dropped_total`). What was not committed when the process is killed is lost; a normal stop
 * commits it.
 *
 * @example
 * ```ts
 * constructor(metrics: CustomMetrics) {
 *   this.orders = metrics.counter('orders_total', { help: 'Orders that were paid' });
 * }
 * // later
 * this.orders.add(1, { country: 'de' });
 * ```
 */
@Injectable()
export class CustomMetrics implements Instruments, BeforeApplicationShutdown {
  private readonly pending: PendingValues;
  private readonly definitions = new Map<string, InstrumentDefinition>();
  private readonly maxSeries: number;

  constructor(
    private readonly writer: InstrumentWriter,
    private readonly metrics: InstrumentMetrics,
    @Inject(CUSTOM_METRICS_OPTIONS) { instruments }: CustomMetricsOptions,
    loops: BackgroundLoops,
  ) {
    this.maxSeries = instruments.maxSeries;
    this.pending = new PendingValues(instruments.maxSeries);
    loops.add(
      new BackgroundLoop({
        name: 'store the values of instruments',
        logger: new Logger(CustomMetrics.name),
        intervalMs: instruments.flushIntervalMs,
        turn: () => this.flush(),
      }),
    );
  }

  /** @param name as a push has it; `_total` at the end is the custom of Prometheus */
  counter(name: string, options?: InstrumentOptions): CounterInstrument {
    const definition = this.define('counter', name, options);
    return { add: (value = 1, labels) => this.take(definition, value, labels) };
  }

  gauge(name: string, options?: InstrumentOptions): GaugeInstrument {
    const definition = this.define('gauge', name, options);
    return {
      set: (value, labels) => this.take(definition, value, labels),
      add: (value, labels) => this.take(definition, value, labels, true),
    };
  }

  histogram(name: string, options?: HistogramOptions): HistogramInstrument {
    const definition = this.define('histogram', name, options);
    return { observe: (value, labels) => this.take(definition, value, labels) };
  }

  /** Commits everything that was collected. It is called in the background and at the end; tests may want it earlier. */
  async flush(): Promise<void> {
    await this.writer.write(() => this.pending.collect());
  }

  async beforeApplicationShutdown(): Promise<void> {
    // What fails here was logged, and the stop has to go on.
    await this.flush().catch(() => undefined);
  }

  /** The first definition of a name holds, so that every place in an app may ask for it. */
  private define(
    kind: InstrumentDefinition['kind'],
    name: string,
    { buckets = DEFAULT_BUCKETS, ...options }: HistogramOptions = {},
  ): InstrumentDefinition {
    const key = `${kind} ${name} ${JSON.stringify(options.labels ?? {})}`;
    const known = this.definitions.get(key);
    if (known !== undefined) return known;
    const bounds = kind === 'histogram' ? buckets.filter(Number.isFinite).toSorted((a, b) => a - b) : [];
    const definition = { ...options, kind, name, bounds };
    // Names that are made up at run time must not fill the memory.
    if (this.definitions.size < this.maxSeries) this.definitions.set(key, definition);
    return definition;
  }

  private take(definition: InstrumentDefinition, value: number, labels?: InstrumentLabels, isChange = false): void {
    const dropped = this.pending.take(definition, value, labels, isChange);
    if (dropped !== undefined) this.metrics.countDropped(dropped, 1);
  }
}
