import { setImmediate as nextTurn } from 'node:timers/promises';
import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import type { Series } from '../../catalog/series/series.js';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../custom-metrics.options.js';
import { DatabaseChangedError, type Landmark } from '../../database/known-database.js';
import { databaseMessageOf, DatabaseTimeoutError } from '../../database/outage.js';
import { type StoreWait, timeLeft } from '../../database/store-wait.js';
import { StopLimit } from '../../database/connections/stop-limit.js';
import { StoreUnavailableError } from '../../database/store-unavailable.error.js';
import { type AcceptedSamples, CommitGroup, type WaitingRequest } from './commit-group.js';
import { GroupCommitter } from './group-committer.js';
import type { RequestReceipt } from '../receipts/request-receipt.js';
import { SampleStoreMetrics } from './sample-store.metrics.js';

/**
 * Maximum number of samples in one row of the log. Postgres writes about 20 bytes a sample, and a row that is sent again after an
 * outage should not take seconds. A larger request gets its own row.
 */
const MAX_SAMPLES_PER_COMMIT = 200_000;

/** The pause between two searches of the queue for requests that have waited too long. */
const SWEEP_INTERVAL_MS = 100;

/**
 * Appends samples to the log, one commit at a time. All requests that wait share the next commit and its row.
 *
 * Requests that wait while a commit runs make the next one large, so throughput grows with the load. Three concurrent commits
 * were measured to be no faster than one, and a single one keeps the sequence numbers in order.
 */
@Injectable()
export class SampleLog implements OnApplicationShutdown {
  private readonly logger = new Logger(SampleLog.name);
  private readonly limits: CustomMetricsOptions['store'];
  private readonly sweeper: NodeJS.Timeout;
  private queue: WaitingRequest[] = [];
  private queuedSamples = 0;
  private isCommitting = false;
  /** The promise resolves when the queue is empty. */
  private draining: Promise<void> = Promise.resolve();

  constructor(
    private readonly committer: GroupCommitter,
    private readonly metrics: SampleStoreMetrics,
    stopLimit: StopLimit,
    @Inject(CUSTOM_METRICS_OPTIONS) options: CustomMetricsOptions,
  ) {
    stopLimit.waitFor(() => this.drain());
    this.limits = options.store;
    this.sweeper = setInterval(() => this.expireOverdue(), SWEEP_INTERVAL_MS).unref();
  }

  /**
   * Sets the writer of the following commits. This method must be called before the first append. Waiting requests are answered
   * with 503, because their series are not known in the database of the new writer.
   */
  writeAs(writer: Landmark): void {
    this.committer.writeAs(writer);
    const waiting = new CommitGroup(this.queue, 0);
    this.setQueued(this.queuedSamples - waiting.sampleCount);
    waiting.answerUnavailable(Infinity);
    this.queue = [];
  }

  /** The writer id of this process, or 0 before {@link writeAs}. */
  get writer(): number {
    return this.committer.writer?.id ?? 0;
  }

  /** The row of this process in `sample_writer`. */
  get landmark(): Landmark | undefined {
    return this.committer.writer;
  }

  /** False before {@link writeAs}, and while Postgres accepts no commits. */
  get isAccepting(): boolean {
    return this.committer.writer !== undefined && !this.committer.isStalled;
  }

  /**
   * Records that Postgres has answered another query. Without this, a process that has refused all of its requests would stay
   * unready until the next push, but a process that is not ready gets no pushes.
   */
  noteAnswer(): void {
    if (!this.isCommitting) this.committer.noteRecovery();
  }

  /**
   * Commits samples.
   *
   * @param receipt the receipt of a request with an Idempotency-Key, committed with the samples
   * @param wait the time that the request has already waited for Postgres; if it is left out, the wait begins now
   * @returns a promise that resolves when the samples are durable and the live values show them
   * @throws StoreUnavailableError if the queue is full, or if Postgres was unavailable for longer than a request may wait;
   * DatabaseChangedError if a series belongs to a former database; AlreadyStoredError if a receipt of the same token and key
   * exists, in which case this call stores nothing
   */
  append(samples: AcceptedSamples, receipt?: RequestReceipt, wait?: StoreWait): Promise<void> {
    if (this.queuedSamples + samples.series.length > this.limits.queueSamples) {
      return Promise.reject(
        new StoreUnavailableError(
          `The store has ${this.queuedSamples} samples waiting for Postgres, and the limit (STORE_QUEUE_SAMPLES) is ` +
            `${this.limits.queueSamples}. Nothing of this request was stored. Send it again after Retry-After.`,
        ),
      );
    }
    if (hasForeign(samples.series)) return Promise.reject(new DatabaseChangedError());
    const { waitMs } = this.limits;
    return new Promise((resolve, reject) => {
      this.queue.push({
        samples,
        receipt,
        arrivedAt: performance.now(),
        waitingSince: performance.now() - (waitMs - timeLeft(waitMs, wait)),
        resolve,
        reject,
        isAnswered: false,
      });
      this.setQueued(this.queuedSamples + samples.series.length);
      if (!this.isCommitting) this.draining = this.commitAll();
    });
  }

  async onApplicationShutdown(): Promise<void> {
    await this.drain();
    clearInterval(this.sweeper);
  }

  private drain(): Promise<void> {
    this.committer.stop();
    return this.draining;
  }

  private async commitAll(): Promise<void> {
    this.isCommitting = true;
    // Waits for one turn of the event loop, so that requests that arrived together are committed together.
    await nextTurn();
    while (this.queue.length > 0) {
      const group = this.takeGroup();
      try {
        await this.committer.commit(group);
      } catch (error) {
        this.logger.error(`A commit of ${group.size} samples failed: ${databaseMessageOf(error)}`);
        group.reject(error instanceof Error ? error : new Error(String(error)));
      }
      this.setQueued(this.queuedSamples - group.size);
    }
    this.isCommitting = false;
  }

  /** Takes waiting requests in order of arrival, up to the size of one row. */
  private takeGroup(): CommitGroup {
    let count = 0;
    let size = 0;
    for (const { samples } of this.queue) {
      if (count > 0 && size + samples.series.length > MAX_SAMPLES_PER_COMMIT) break;
      count++;
      size += samples.series.length;
    }
    const requests = count === this.queue.length ? this.queue : this.queue.slice(0, count);
    this.queue = count === this.queue.length ? [] : this.queue.slice(count);
    return new CommitGroup(requests, size);
  }

  /** Sends a 503 to queued requests that have waited too long. No commit has taken them, so they are certainly not stored. */
  private expireOverdue(): void {
    const waitingBefore = performance.now() - this.limits.waitMs;
    // All requests are checked and not only the first one, because a request may have waited elsewhere before it came here.
    if (!this.queue.some(({ waitingSince }) => waitingSince < waitingBefore)) return;
    const overdue = new CommitGroup(
      this.queue.filter(({ waitingSince }) => waitingSince < waitingBefore),
      0,
    );
    const { sampleCount } = overdue;
    overdue.dropOverdue(waitingBefore);
    this.queue = this.queue.filter(({ isAnswered }) => !isAnswered);
    this.setQueued(this.queuedSamples - sampleCount);
    this.committer.noteStall(new DatabaseTimeoutError('a commit takes longer than requests may wait'));
  }

  private setQueued(samples: number): void {
    this.queuedSamples = samples;
    this.metrics.setQueued(samples);
  }
}

/**
 * Returns whether a series belongs to a former database. A plain loop is used for speed, because this check runs for every sample
 * of every push.
 */
function hasForeign(series: readonly Series[]): boolean {
  for (let index = 0; index < series.length; index++) if (series[index]!.isForeign) return true;
  return false;
}
