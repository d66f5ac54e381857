import { freezeBatch } from './batch.js';
import { BatchQueue } from './batch-queue.js';
import { BatchSender } from './batch-sender.js';
import type { Counter, Gauge, Histogram } from './instruments.js';
import type { Labels } from './labels.js';
import { type MetricDefinition, MetricDefinitions } from './metric-definitions.js';
import { type MetricsClientOptions, type ResolvedOptions, resolveOptions } from './metrics-client.options.js';
import type { MetricsClientStats } from './metrics-client.stats.js';
import { OpenWindow } from './open-window.js';
import { ProblemLog } from './problem-log.js';
import { startTimer } from './timer.js';

const FLUSH_TIMEOUT_MS = 10_000;

/**
 * Adds up metrics in the process and sends them every few seconds. Each batch is sent until it is acknowledged, under a key of
 * its own, so that the server counts it once. Only the constructor throws.
 *
 * @example
 * const metrics = new MetricsClient({ url: 'https://metrics.example.org', token });
 * metrics.counter('orders_total').add(1, { country: 'de' });
 */
export class MetricsClient {
  private readonly options: ResolvedOptions;
  private readonly definitions: MetricDefinitions;
  private readonly open: OpenWindow;
  private readonly queue: BatchQueue;
  private readonly problems: ProblemLog;
  private readonly sender: BatchSender;
  private readonly flushes = new Set<() => void>();
  private endTimer!: () => void;
  private closing: Promise<boolean> | undefined;

  /** @throws TypeError that says which option is wrong */
  constructor(options: MetricsClientOptions) {
    this.options = resolveOptions(options);
    const { maxSeries, maxBatchSamples, labels, gaugeTimestamps, maxQueueBatches, maxQueueBytes } = this.options;
    this.definitions = new MetricDefinitions(maxSeries, maxBatchSamples);
    this.open = new OpenWindow(maxSeries, labels, gaugeTimestamps);
    this.queue = new BatchQueue(maxQueueBatches, maxQueueBytes);
    this.problems = new ProblemLog(this.options, this.options.intervalMs);
    this.sender = new BatchSender(this.queue, this.options, this.problems, () => {
      for (const advance of this.flushes) advance();
    });
    this.startInterval();
  }

  /** A total that only rises. */
  counter(name: string, options?: { help?: string }): Counter {
    const record = this.recorder(name, 'counter', options);
    return { add: (value = 1, labels?: Labels) => record(value, labels) };
  }

  /** A value that goes up and down. */
  gauge(name: string, options?: { help?: string }): Gauge {
    return { set: this.recorder(name, 'gauge', options) };
  }

  /**
   * Values counted by size.
   *
   * @param options.buckets their upper bounds, rising; default: 5 ms to 10 s, in seconds. The first definition of a name holds
   */
  histogram(name: string, options?: { help?: string; buckets?: readonly number[] }): Histogram {
    return { observe: this.recorder(name, 'histogram', options) };
  }

  /** What waits, what was sent and what is lost. */
  get stats(): MetricsClientStats {
    return {
      openSeries: this.open.size,
      queuedBatches: this.queue.size,
      queuedSamples: this.queue.samples,
      queuedBytes: this.queue.bytes,
      ...this.sender.counts,
      dropped: { ...this.problems.dropped },
    };
  }

  /**
   * Sends what was added before the call. It keeps Node running until it resolves, and never rejects.
   *
   * @returns whether all of it is acknowledged; false if some was given up, or the time was over: then it goes on being tried
   */
  flush({ timeoutMs = FLUSH_TIMEOUT_MS }: { timeoutMs?: number } = {}): Promise<boolean> {
    const lastOpened = this.open.lastOpened;
    const givenUpBefore = this.sender.counts.givenUpBatches;
    let lastBatch: number | undefined;
    return new Promise((resolve) => {
      const end = (isSettled: boolean) => {
        clearTimeout(timer);
        this.flushes.delete(advance);
        this.problems.tellRefusals();
        resolve(isSettled && this.sender.counts.givenUpBatches === givenUpBefore);
      };
      const advance = () => {
        this.freeze();
        // What the queue has no room for yet is frozen when the next batch leaves it.
        if (lastBatch === undefined && (this.open.oldestOpen ?? Infinity) > lastOpened) lastBatch = this.queue.total;
        if (lastBatch !== undefined && this.queue.settled >= lastBatch) end(true);
      };
      const timer = setTimeout(() => end(false), Math.min(timeoutMs, 2 ** 31 - 1) || 0);
      this.flushes.add(advance);
      advance();
      this.sender.hurry();
    });
  }

  /**
   * Takes no more values, sends what there is, and drops and tells what is not acknowledged in time.
   *
   * @returns as {@link flush}
   */
  close(options?: { timeoutMs?: number }): Promise<boolean> {
    this.closing ??= this.finish(options);
    return this.closing;
  }

  private async finish(options?: { timeoutMs?: number }): Promise<boolean> {
    this.endTimer();
    this.open.close();
    const isSent = await this.flush(options);
    this.sender.stop();
    const left = this.queue.samples + this.open.clear();
    this.queue.clear();
    if (left > 0) {
      const message = `${left} samples were not acknowledged before the client was closed`;
      this.problems.drop({ reason: 'closed', message, dropped: left });
    }
    return isSent;
  }

  private startInterval(): void {
    this.endTimer = startTimer(() => {
      this.startInterval();
      this.freeze();
    }, this.options.intervalMs);
  }

  /** What an instrument does with a value. */
  private recorder(
    name: unknown,
    kind: MetricDefinition['kind'],
    options?: { help?: unknown; buckets?: unknown },
  ): (value: unknown, labels?: unknown) => void {
    const definition = this.definitions.define(name, kind, options?.help, options?.buckets);
    return (value, labels) => {
      try {
        const reason = typeof definition === 'string' ? definition : this.open.record(definition, value, labels);
        if (reason !== undefined) this.problems.refuse(reason, name);
      } catch {
        // Labels may be anything, such as an object whose getters throw.
        this.problems.refuse('invalid_labels', name);
      }
    };
  }

  /** While the queue is full, values go on being added up where they are, and nothing is lost. */
  private freeze(): void {
    while (this.open.size > 0 && !this.queue.isFull) {
      this.queue.push(freezeBatch(this.open, this.options.maxBatchSamples));
    }
    // It does not reject; but if it ever did, a metric must not end the app.
    this.sender.run().catch(() => undefined);
  }
}
