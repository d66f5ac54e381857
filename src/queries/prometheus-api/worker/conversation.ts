import type { Worker } from 'node:worker_threads';
import { PrometheusError } from '../answers/prometheus.error.js';
import type { MessageFromWorker, MessageToWorker, WorkerRequest } from './evaluation-task.js';
import type { PortableSeries } from './portable-series.js';
import { packSeries } from './packed-series.js';
import { missingWorkerOf } from './worker-file.js';

/** One part of an answer. */
export type Part = Extract<MessageFromWorker, { kind: 'part' }>;

/** Exchanges the messages about one task with a worker. */
export class Conversation {
  /** True if the worker has finished and can take another task. */
  isOver = false;
  private readonly parts: Part[] = [];
  private readonly requests: WorkerRequest[] = [];
  private hasRead = false;
  private failure: unknown;
  private wake: (() => void) | undefined;

  constructor(
    readonly worker: Worker,
    private readonly signal: AbortSignal,
  ) {
    worker.on('message', this.onMessage);
    worker.on('error', this.onError);
    worker.on('exit', this.onExit);
    signal.addEventListener('abort', this.onAbort);
    if (signal.aborted) this.onAbort();
  }

  say(message: MessageToWorker, transfer: ArrayBuffer[] = []): void {
    this.worker.postMessage(message, transfer);
  }

  /** Sends series with their samples in one buffer, because each buffer costs more than copying a few hundred samples. */
  hand(selector: number, series: readonly PortableSeries[]): void {
    const packed = packSeries(series);
    this.say({ kind: 'series', selector, ...packed }, [packed.samples.buffer]);
  }

  /** Waits for the next request of a worker that reads. Returns undefined when everything is read. */
  async nextRequest(): Promise<WorkerRequest | undefined> {
    await this.until(() => this.requests.length > 0 || this.hasRead);
    return this.requests.shift();
  }

  /** Waits for the next part of the answer. */
  async next(): Promise<Part> {
    await this.until(() => this.parts.length > 0);
    return this.parts.shift()!;
  }

  private async until(isReached: () => boolean): Promise<void> {
    while (!isReached() && this.failure === undefined) {
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
    if (this.failure !== undefined) throw this.failure;
  }

  /** Stops listening to the worker. */
  end(): void {
    this.worker.off('message', this.onMessage);
    this.worker.off('error', this.onError);
    this.worker.off('exit', this.onExit);
    this.signal.removeEventListener('abort', this.onAbort);
  }

  private readonly onMessage = (message: MessageFromWorker): void => {
    if (message.kind === 'request' || message.kind === 'read') {
      if (message.kind === 'request') this.requests.push(message.request);
      else this.hasRead = true;
      this.wake?.();
      return;
    }
    if (message.kind === 'part') {
      this.parts.push(message);
      this.isOver = message.isLast;
      this.wake?.();
      return;
    }
    this.isOver = true;
    const { errorType, message: text } = message;
    // An unexpected error is logged and not shown to the client.
    this.fail(
      errorType === 'internal' ? new Error(`Evaluation failed: ${text}`) : new PrometheusError(errorType, text),
    );
  };

  private readonly onError = (error: Error & { code?: string }): void => {
    this.fail(
      error.code === 'ERR_WORKER_OUT_OF_MEMORY'
        ? new PrometheusError(
            'execution',
            'the query needs more memory than it may take (PROMQL_WORKER_MEMORY): ask for fewer series, a shorter range or a longer step',
          )
        : (missingWorkerOf(error) ?? error),
    );
  };

  private readonly onExit = (): void => this.fail(new PrometheusError('unavailable', 'the service is stopping', 1));

  private readonly onAbort = (): void => this.fail(this.signal.reason);

  private fail(reason: unknown): void {
    this.failure ??= reason;
    this.wake?.();
  }
}
