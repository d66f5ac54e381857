import { readErrorMessage, readRejected, readRetryAfter, verdictOf } from './answer.js';
import { backoffMs } from './backoff.js';
import { type Batch, compressBatch } from './batch.js';
import type { BatchQueue } from './batch-queue.js';
import type { ResolvedOptions } from './metrics-client.options.js';
import type { MetricsProblem } from './metrics-problem.js';
import type { ProblemLog } from './problem-log.js';
import { startTimer } from './timer.js';

/** Maximum body size of a `keepalive` request. Browsers limit the bodies of all concurrent ones to 64 KiB in total. */
const MAX_KEEPALIVE_BYTES = 60_000;

/** The outcome of an attempt after which the batch must be sent again. */
interface Postponement {
  readonly problem: MetricsProblem;
  readonly retryAfterMs: number;
}

/** Sends the batches of a queue one after the other, each until it is acknowledged or given up. {@link run} never rejects. */
export class BatchSender {
  readonly counts = { acknowledgedBatches: 0, acknowledgedSamples: 0, failedAttempts: 0, givenUpBatches: 0 };
  /** The number of consecutive failures. */
  private failures = 0;
  private isRunning = false;
  private isStopped = false;
  private attempt: AbortController | undefined;
  /** Ends the current pause, unless the server has requested it. */
  private wake: (() => void) | undefined;

  constructor(
    private readonly queue: BatchQueue,
    private readonly options: ResolvedOptions,
    private readonly problems: ProblemLog,
    private readonly onSettled: () => void,
  ) {}

  /** Sends until the queue is empty. A call has no effect while another one is running. */
  async run(): Promise<void> {
    if (this.isRunning) return;
    this.isRunning = true;
    for (let batch = this.queue.head; batch !== undefined && !this.isStopped; batch = this.queue.head) {
      const postponement = await this.send(batch);
      if (this.isStopped) break;
      if (postponement === undefined) {
        this.failures = 0;
        this.queue.settleHead();
        this.onSettled();
      } else {
        this.counts.failedAttempts++;
        this.problems.report(postponement.problem);
        await this.wait(backoffMs(++this.failures, postponement.retryAfterMs), postponement.retryAfterMs > 0);
      }
    }
    this.isRunning = false;
  }

  /** Ends the pause unless the server has requested it, and restarts the backoff, because a flush has seconds, not minutes. */
  hurry(): void {
    this.failures = 0;
    this.wake?.();
  }

  /** Stops permanently, and aborts the current attempt. */
  stop(): void {
    this.isStopped = true;
    this.attempt?.abort();
  }

  private giveUp({ samples }: Batch, { message, ...problem }: Omit<MetricsProblem, 'dropped'>): undefined {
    this.counts.givenUpBatches++;
    this.problems.drop({ ...problem, message: `${samples} samples were given up: ${message}`, dropped: samples });
  }

  /** @returns undefined if the batch is acknowledged or given up */
  private async send(batch: Batch): Promise<Postponement | undefined> {
    if (Date.now() - (batch.firstTriedAtMs ?? Infinity) >= this.options.retryForMs) {
      const message = 'not acknowledged within retryForMs; the server may have forgotten its key';
      return this.giveUp(batch, { reason: 'expired', message });
    }
    const attempt = (this.attempt = new AbortController());
    const endTimer = startTimer(() => attempt.abort(), this.options.timeoutMs);
    try {
      await compressBatch(batch);
      batch.firstTriedAtMs ??= Date.now();
      const answer = await this.post(batch, attempt.signal);
      const verdict = verdictOf(answer.status);
      // The status is enough. After a 202 the samples are committed, even if the body is missing or incomplete.
      const text = await answer.text().catch(() => '');
      if (verdict === 'acknowledged') return this.acknowledge(batch, text);
      const { status } = answer;
      const message = `${status} ${readErrorMessage(text)}`;
      if (verdict === 'refused') return this.giveUp(batch, { reason: 'refused', message, status });
      const retryAfterMs = readRetryAfter(answer.headers.get('retry-after'), Date.now());
      return { problem: { reason: 'unavailable', message, dropped: 0, status }, retryAfterMs };
    } catch (cause) {
      const message = attempt.signal.aborted ? `no answer within ${this.options.timeoutMs} ms` : textOf(cause);
      return { problem: { reason: 'unreachable', message, dropped: 0, cause }, retryAfterMs: 0 };
    } finally {
      endTimer();
      this.attempt = undefined;
    }
  }

  private post({ key, body, isCompressed }: Batch, signal: AbortSignal): Promise<Response> {
    return fetch(this.options.endpoint, {
      method: 'POST',
      headers: {
        Authorization: this.options.token,
        'Content-Type': 'application/json',
        'Idempotency-Key': key,
        ...(isCompressed ? { 'Content-Encoding': 'gzip' } : {}),
      },
      body,
      signal,
      // A browser still sends a keepalive request when the user leaves the page.
      keepalive: body.length <= MAX_KEEPALIVE_BYTES,
    });
  }

  private acknowledge({ samples }: Batch, text: string): undefined {
    const rejected = readRejected(text);
    this.counts.acknowledgedBatches++;
    this.counts.acknowledgedSamples += samples - (rejected?.count ?? 0);
    if (rejected === undefined) return;
    const { count, items } = rejected;
    const message = `${count} of ${samples} samples were refused, first: ${items[0]?.message}`;
    this.problems.report({ reason: 'rejected', message, dropped: count, status: 202, rejected: items });
  }

  private wait(ms: number, isAsked: boolean): Promise<void> {
    return new Promise((resolve) => {
      const endTimer = startTimer(resolve, ms);
      this.wake = isAsked
        ? undefined
        : () => {
            endTimer();
            resolve();
          };
    });
  }
}

/**
 * Returns the reason for a network error. Node.js puts the reason into the cause; the message of the error is only "fetch
 * failed".
 */
function textOf(error: unknown): string {
  const { message, cause } = error as { message?: string; cause?: { code?: string; message?: string } };
  return `no answer: ${cause?.code ?? cause?.message ?? message}`;
}
