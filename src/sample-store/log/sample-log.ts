import { setImmediate as nextTurn } from 'node:timers/promises';
import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../custom-metrics.options.js';
import { DatabaseChangedError, type Landmark } from '../../database/known-database.js';
import { databaseMessageOf, DatabaseTimeoutError } from '../../database/outage.js';
import { StopLimit } from '../../database/connections/stop-limit.js';
import { StoreUnavailableError } from '../../database/store-unavailable.error.js';
import { type AcceptedSamples, CommitGroup, type WaitingRequest } from './commit-group.js';
import { GroupCommitter } from './group-committer.js';
import type { RequestReceipt } from '../receipts/request-receipt.js';
import { SampleStoreMetrics } from './sample-store.metrics.js';

/**
 * One row of the log holds so many samples at most: Postgres writes it as one value of about 20 bytes a sample, and a
 * row that is rewritten after an outage should not take seconds.
 */
const MAX_SAMPLES_PER_COMMIT = 200_000;

/** How often waiting requests are looked at for having waited too long. */
const SWEEP_INTERVAL_MS = 100;

/**
 * The durable end of ingestion: appends to the log, one commit at a time, all requests that wait in one row.
 *
 * Waiting while a commit runs is what makes the next one large, so the store speeds up as the load grows. Three
 * connections committing at once were measured to be no faster than one, and one keeps sequence numbers in order.
 */
@Injectable()
export class SampleLog implements OnApplicationShutdown {
  private readonly logger = new Logger(SampleLog.name);
  private readonly limits: CustomMetricsOptions['store'];
  private readonly sweeper: NodeJS.Timeout;
  private queue: WaitingRequest[] = [];
  private queuedSamples = 0;
  private isCommitting = false;
  /** Resolves when the queue has run empty. */
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
   * Writes as this writer from now on; nothing can be appended before. Of what waits for a commit nothing is known in the
   * database of this writer.
   */
  writeAs(writer: Landmark): void {
    this.committer.writeAs(writer);
    const waiting = new CommitGroup(this.queue, 0);
    this.setQueued(this.queuedSamples - waiting.sampleCount);
    waiting.answerUnavailable(Infinity);
    this.queue = [];
  }

  /** This process' writer id; 0 before {@link writeAs}. */
  get writer(): number {
    return this.committer.writer?.id ?? 0;
  }

  /** This process' row among the writers. */
  get landmark(): Landmark | undefined {
    return this.committer.writer;
  }

  /** False while Postgres does not take commits. */
  get isAccepting(): boolean {
    return this.committer.writer !== undefined && !this.committer.isStalled;
  }

  /**
   * Postgres has answered something else. Without it a process that had to refuse all its requests would not be ready until
   * the next push, which nobody sends to a process that is not ready.
   */
  noteAnswer(): void {
    if (!this.isCommitting) this.committer.noteRecovery();
  }

  /**
   * Commits samples.
   *
   * @param receipt of a request with an Idempotency-Key, committed with them
   * @returns once they are durable and the live values show them
   * @throws StoreUnavailableError when the queue is full, or Postgres was away for longer than the host lets a request wait;
   *   AlreadyStoredError when there is a receipt of the same token and key, and nothing was stored now
   */
  append(samples: AcceptedSamples, receipt?: RequestReceipt): Promise<void> {
    if (this.queuedSamples + samples.series.length > this.limits.queueSamples) {
      return Promise.reject(
        new StoreUnavailableError(
          `The store has ${this.queuedSamples} samples waiting for Postgres, the limit (STORE_QUEUE_SAMPLES) is ` +
            `${this.limits.queueSamples}. Nothing of this request was stored; send it again.`,
        ),
      );
    }
    if (samples.series.some(({ isForeign }) => isForeign)) return Promise.reject(new DatabaseChangedError());
    return new Promise((resolve, reject) => {
      this.queue.push({
        samples,
        receipt,
        arrivedAt: Date.now(),
        waitingSince: performance.now(),
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
    // One turn of the event loop, so that requests that arrived together are committed together.
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

  /** Takes what waits, in order of arrival, up to the size of one row. */
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

  /** Requests that no commit has taken up yet are certainly not stored, and need not wait longer than they may. */
  private expireOverdue(): void {
    const waitingBefore = performance.now() - this.limits.waitMs;
    if (this.queue.length === 0 || this.queue[0]!.waitingSince >= waitingBefore) return;
    const overdue = new CommitGroup(
      this.queue.filter(({ waitingSince }) => waitingSince < waitingBefore),
      0,
    );
    const { sampleCount } = overdue;
    overdue.dropOverdue(waitingBefore);
    this.queue = this.queue.filter(({ isAnswered }) => !isAnswered);
    this.setQueued(this.queuedSamples - sampleCount);
    this.committer.noteStall(new DatabaseTimeoutError('a commit is under way for longer than requests may wait'));
  }

  private setQueued(samples: number): void {
    this.queuedSamples = samples;
    this.metrics.setQueued(samples);
  }
}
