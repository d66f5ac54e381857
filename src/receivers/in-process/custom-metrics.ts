import { type BeforeApplicationShutdown, Inject, Injectable, Logger } from '@nestjs/common';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../custom-metrics.options.js';
import type { TextLimits } from '../../ingestion/text-lengths.js';
import { BackgroundLoop } from '../../scheduling/background-loop.js';
import { BackgroundLoops } from '../../scheduling/background-loops.js';
import { InstrumentMetrics } from './instrument.metrics.js';
import { InstrumentWriter } from './instrument-writer.js';
import { ItemWriter } from './item-writer.js';
import type {
  CounterInstrument,
  GaugeInstrument,
  HistogramInstrument,
  HistogramOptions,
  InstrumentOptions,
  Instruments,
} from './instruments.js';
import type { InstrumentLabels } from './instrument-labels.js';
import { readDefinition } from './instrument-definition.js';
import { type DropReason, type InstrumentDefinition, PendingValues } from './pending-values.js';
import type { PushedItem, PushResult } from './pushed-items.js';

/** Maximum length of the name and the labels of a definition that is remembered. */
const MAX_KEY_LENGTH = 4_096;

/**
 * Records metrics of the app itself: counters, gauges and histograms, which are stored like pushed metrics.
 *
 * Values are added up in memory and committed together every `instruments.flushIntervalMs`. No instrument throws or waits. While
 * Postgres is unavailable, values are still added up; those that exceed the limits are dropped and counted
 * (`custom_metrics_instrument_values_dropped_total`). If the process is killed, values that are not committed are lost; a normal
 * stop commits them.
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
  private readonly limits: TextLimits;

  /** @internal */
  constructor(
    private readonly writer: InstrumentWriter,
    private readonly items: ItemWriter,
    private readonly metrics: InstrumentMetrics,
    @Inject(CUSTOM_METRICS_OPTIONS) { instruments, series }: CustomMetricsOptions,
    loops: BackgroundLoops,
  ) {
    this.maxSeries = instruments.maxSeries;
    this.limits = series;
    this.pending = new PendingValues(instruments.maxSeries, series);
    loops.add(
      new BackgroundLoop({
        name: 'store the values of instruments',
        logger: new Logger(CustomMetrics.name),
        intervalMs: instruments.flushIntervalMs,
        turn: () => this.flush(),
      }),
    );
  }

  /**
   * Returns an instrument that adds to a counter.
   *
   * @param name the name as in a push; by Prometheus' convention it ends in `_total`
   */
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

  /**
   * Stores samples that have times of their own or come from elsewhere, as a push over HTTP does.
   *
   * @param items at most `ingest.maxSamples` items; further ones are rejected
   * @returns the result, once the items are committed
   * @throws StoreUnavailableError if Postgres can't store the items now; the method does not try again
   *
   * @example
   * ```ts
   * const { rejected } = await metrics.push([{ name: 'temperature', value: 21.5, timestamp: measuredAt }]);
   * ```
   */
  push(items: readonly PushedItem[]): Promise<PushResult> {
    return this.items.write(items);
  }

  /**
   * Commits all collected values. This happens in the background and when the app stops, but tests can call this method to commit
   * them earlier.
   */
  async flush(): Promise<void> {
    await this.writer.write(() => this.pending.collect());
  }

  async beforeApplicationShutdown(): Promise<void> {
    // A failed commit has already been logged, and the app must stop nevertheless.
    await this.flush().catch(() => undefined);
  }

  /**
   * Defines a metric. The first definition with the same kind, name and labels is used, so that several places in an app may
   * define the same metric.
   */
  private define(
    kind: InstrumentDefinition['kind'],
    name: string,
    options: HistogramOptions | undefined,
  ): InstrumentDefinition | DropReason {
    const definition = readDefinition(kind, name, options, this.limits);
    if (typeof definition === 'string') return definition;
    const key = `${kind} ${name} ${JSON.stringify(definition.labels)}`;
    const known = this.definitions.get(key);
    if (known !== undefined) return known;
    // The limits prevent names and labels that are created at run time from filling the memory.
    if (this.definitions.size < this.maxSeries && key.length < MAX_KEY_LENGTH) this.definitions.set(key, definition);
    return definition;
  }

  private take(
    definition: InstrumentDefinition | DropReason,
    value: number,
    labels?: InstrumentLabels,
    isChange = false,
  ): void {
    const dropped = this.tryToTake(definition, value, labels, isChange);
    if (dropped !== undefined) this.metrics.countDropped(dropped, 1);
  }

  private tryToTake(
    definition: InstrumentDefinition | DropReason,
    value: number,
    labels: InstrumentLabels | undefined,
    isChange: boolean,
  ): DropReason | undefined {
    if (typeof definition === 'string') return definition;
    try {
      return this.pending.take(definition, value, labels, isChange);
    } catch {
      // A getter among the labels has thrown.
      return 'invalid_labels';
    }
  }
}
