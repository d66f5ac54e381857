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
 * Adds up metrics in the process and sends them every few seconds. Each batch has its own key and is sent until it is
 * acknowledged or given up, and the server counts it only once. Only the constructor throws.
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

  /** @throws TypeError with the name of the wrong option */
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

  /** Creates a counter, whose value only rises. */
  counter(name: string, options?: { help?: string }): Counter {
    const record = this.recorder(name, 'counter', options);
    return { add: (value = 1, labels?: Labels) => record(value, labels) };
  }

  /** Creates a gauge, whose value can rise and fall. */
  gauge(name: string, options?: { help?: string }): Gauge {
    return { set: this.recorder(name, 'gauge', options) };
  }

  /**
   * Creates a histogram, which counts values by size. The first definition of a name is kept.
   *
   * @param options.buckets the upper bounds in ascending order; the default is Prometheus' own buckets, 0.005 to 10, which suit
   * durations in seconds
   */
  histogram(name: string, options?: { help?: string; buckets?: readonly number[] }): Histogram {
    return { observe: this.recorder(name, 'histogram', options) };
  }

  /** The amount of data that is waiting, and of data that was sent or lost since the creation of the client. */
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
   * Sends everything that was added before the call. The promise never rejects, and Node.js keeps running until it resolves.
   *
   * @returns whether everything was acknowledged; false if a batch was given up, or after the time-out, in which case the
   * attempts continue
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
        // Series that do not fit into the queue yet are put into a batch when the next batch leaves it.
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
   * Stops accepting values and sends the rest. Values that are not acknowledged in time are dropped and reported.
   *
   * @returns the result of {@link flush}
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

  /** Returns the function by which an instrument records values. */
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
        // Labels may be any value, such as an object whose getters throw.
        this.problems.refuse('invalid_labels', name);
      }
    };
  }

  /**
   * Moves open series into batches until the queue is full. After that, values are still added up in the open series, and only
   * values of new series beyond `maxSeries` are dropped.
   */
  private freeze(): void {
    while (this.open.size > 0 && !this.queue.isFull) {
      this.queue.push(freezeBatch(this.open, this.options.maxBatchSamples));
    }
    // The sender should never reject. If it does, that must not end the app.
    this.sender.run().catch(() => undefined);
  }
}
