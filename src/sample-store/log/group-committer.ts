import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../custom-metrics.options.js';
import { DatabaseClock } from '../../database/database-clock.js';
import { KnownDatabase, type Landmark, UNKNOWN_DATABASE } from '../../database/known-database.js';
import {
  databaseMessageOf,
  DatabaseTimeoutError,
  errorCodeOf,
  isOutage,
  isOutcomeUnknown,
  pauseBefore,
  withDeadline,
} from '../../database/outage.js';
import type { CommitGroup } from './commit-group.js';
import { IngestReceiptRepository } from '../receipts/ingest-receipt.repository.js';
import { LiveValuesLoader } from '../reading/live/live-values-loader.js';
import { LogApplier } from '../reading/live/log-applier.js';
import { ReceiptConflictError } from '../receipts/receipt-conflict.error.js';
import { outcomeOf } from './row-outcome.js';
import { type RowFate, SampleBatchRepository } from './sample-batch.repository.js';
import { SampleStoreMetrics } from './sample-store.metrics.js';

/**
 * The share of the remaining time of a group that a commit may take. The other half is for finding out whether the commit
 * succeeded. In that time, Postgres itself cancels a statement that waits for a lock (see statementTimeout), and its error proves
 * that nothing was stored.
 */
const COMMIT_SHARE = 0.5;

/** Minimum share of the wait (STORE_WAIT_MS) that a group gets for each step, however long its requests have waited already. */
const LEAST_SHARE = 0.1;

/** A timer can fire too early by up to this time. A request whose time ends with the timer must not wait for a further step. */
const TIMER_TOLERANCE_MS = 2;

/** Minimum time for a statement, even if the wait is shorter, because any commit can take this long on a busy machine. */
const SHORTEST_TRY_MS = 250;

/**
 * Maximum pause between two attempts as a share of the wait, so that a pause does not hold a request much longer than allowed.
 */
const PAUSE_SHARE = 0.05;

/**
 * Commits a group of requests as one row of the log, and answers them.
 *
 * Each row is stored exactly once, because it keeps its key `(writer, sequence)` until its outcome is known. When the outcome of
 * a commit is unknown (for example, because the connection was lost), the same row is sent again under the same key; the primary
 * key makes that harmless. Before a request in such a row is answered with 503, the committer tries to settle the row, so that
 * the samples of a client that retries are not counted twice.
 */
@Injectable()
export class GroupCommitter {
  private readonly logger = new Logger(GroupCommitter.name);
  private readonly limits: CustomMetricsOptions['store'];
  private ownWriter: Landmark | undefined;
  private sequence = 0;
  private hasStalled = false;
  private isStopping = false;

  constructor(
    private readonly repository: SampleBatchRepository,
    private readonly applier: LogApplier,
    private readonly loader: LiveValuesLoader,
    private readonly receipts: IngestReceiptRepository,
    private readonly clock: DatabaseClock,
    private readonly known: KnownDatabase,
    private readonly metrics: SampleStoreMetrics,
    @Inject(CUSTOM_METRICS_OPTIONS) options: CustomMetricsOptions,
  ) {
    this.limits = options.store;
  }

  /** Sets the writer of the following commits. This method must be called before the first commit. */
  writeAs(writer: Landmark): void {
    this.ownWriter = writer;
    this.sequence = 0;
  }

  /** The row of this process in `sample_writer`. */
  get writer(): Landmark | undefined {
    return this.ownWriter;
  }

  /** True while Postgres accepts no commits. */
  get isStalled(): boolean {
    return this.hasStalled;
  }

  /**
   * From now on, lets {@link commit} end as soon as all requests of its group are answered, even if the outcome of the row is not
   * known.
   */
  stop(): void {
    this.isStopping = true;
  }

  /**
   * Commits a group and answers its requests. The promise resolves when every request has its answer and the outcome of the row
   * is known.
   *
   * After a row was sent, a request that has waited too long is answered with 503 once the row is known not to be stored. If that
   * can't be determined within the time that the request may wait, the request gets a 503 with the note that its samples may be
   * stored, and a metric counts it. The row is settled when Postgres is available again.
   *
   * @throws Error only for problems that waiting cannot fix
   */
  async commit(group: CommitGroup): Promise<void> {
    const { waitMs } = this.limits;
    const { generation } = this.known;
    const writer = this.ownWriter!;
    let sequence = ++this.sequence;
    let isOutcomeOpen = false;
    let isSettling = false;
    let isUnanswered = false;
    let firstTry: Promise<RowFate> | undefined;
    let hasReceiptConflict = false;
    for (let attempt = 1; ; attempt++) {
      try {
        isSettling = false;
        if (generation !== this.known.generation) {
          await this.endForeign(group, isOutcomeOpen ? { writer, sequence } : undefined);
          return;
        }
        const waitingBefore = performance.now() - waitMs;
        // A conflict changes the content of the row, so no earlier attempt at it may remain open.
        if (isOutcomeOpen && (hasReceiptConflict || isUnanswered || group.isOverdue(waitingBefore))) {
          isSettling = true;
          const outcome = outcomeOf(this.repository.settle(writer.id, sequence), firstTry);
          const fate = await withDeadline(outcome, this.timeLeft(group));
          if (fate !== null) return await this.publish(group, sequence, fate);
          isOutcomeOpen = false;
          isUnanswered = false;
          sequence = ++this.sequence;
        }
        if (!isOutcomeOpen) group.dropOverdue(performance.now() - waitMs + this.reserve);
        if (hasReceiptConflict) await this.dropStored(group, attempt);
        hasReceiptConflict = false;
        if (group.isEmpty) return;
        const row = group.toRow(this.clock);
        const startedAt = performance.now();
        const { seriesIds, timestamps, values, receipts } = row;
        const batch = { writerId: writer.id, sequence, seriesIds, timestamps, values, receipts };
        // No other code may run between this check and the sending of the ids, because the process might then move to another
        // database, in which the ids are wrong.
        this.known.assertStill(generation);
        const appending = isOutcomeOpen ? this.repository.appendAgain(batch) : this.repository.append(batch);
        firstTry = isOutcomeOpen ? undefined : appending;
        isSettling = false;
        const fate = await withDeadline(appending, Math.max(this.timeLeft(group) * COMMIT_SHARE, SHORTEST_TRY_MS));
        this.metrics.observeCommit(row.values.length, (performance.now() - startedAt) / 1000);
        // For a repeated row, Postgres returns the time of the first write, which says nothing about the current time.
        if (attempt === 1 && fate !== 'compacted') this.clock.observe(fate, startedAt);
        if (generation !== this.known.generation) {
          // The row was committed, but possibly not in the database that this process uses now.
          isOutcomeOpen = true;
          continue;
        }
        return await this.publish(group, sequence, fate);
      } catch (error) {
        if (error instanceof ReceiptConflictError) {
          hasReceiptConflict = true;
          continue;
        }
        if (errorCodeOf(error) === UNKNOWN_DATABASE && (await this.hasRecognised(group))) continue;
        // An open outcome is settled first, regardless of the error. If the row appeared later, its sequence number would be
        // lower than those of rows that other processes have read, so they would never read it.
        if (!isOutage(error) && !isOutcomeOpen) throw error;
        if (!isSettling) isUnanswered = error instanceof DatabaseTimeoutError;
        if (!isUnanswered) firstTry = undefined;
        isOutcomeOpen ||= isOutcomeUnknown(error);
        this.noteStall(error);
        if (isUnanswered && !isSettling) this.repository.distrustConnections();
        // A row that may have been stored is settled before its requests are answered. Some time is reserved for that.
        if (isSettling || !isOutcomeOpen) this.answerOverdue(group, isOutcomeOpen);
        if (this.isStopping && group.isAnswered) return;
        await sleep(Math.min(pauseBefore(attempt), Math.max(waitMs * PAUSE_SHARE, 1)));
      }
    }
  }

  /**
   * The remaining time in milliseconds below which a request is answered with 503 without another try. While Postgres accepts no
   * commits, such a try would probably end without an answer, and the client would only learn that its samples may have been
   * stored.
   */
  private get reserve(): number {
    return this.hasStalled ? Math.min(SHORTEST_TRY_MS, this.limits.waitMs * COMMIT_SHARE) : 0;
  }

  /** Returns the time in milliseconds for which the requests of a group may still be held. */
  private timeLeft(group: CommitGroup): number {
    const { waitMs } = this.limits;
    return Math.max(waitMs - group.longestWait(), waitMs * LEAST_SHARE, SHORTEST_TRY_MS);
  }

  private answerOverdue(group: CommitGroup, isOutcomeOpen: boolean): void {
    const waitingBefore = performance.now() - this.limits.waitMs + TIMER_TOLERANCE_MS;
    const answered = group.answerUnavailable(waitingBefore, isOutcomeOpen);
    if (isOutcomeOpen) this.metrics.countUnknownOutcomes(answered);
  }

  /** @returns whether the database that answers now was identified in time */
  private async hasRecognised(group: CommitGroup): Promise<boolean> {
    try {
      await withDeadline(this.known.examine(), this.timeLeft(group));
      return true;
    } catch {
      return false;
    }
  }

  /**
   * Ends a group whose series belong to a database that this process has left. In the current database, their ids belong to other
   * series. The requests are answered with 503, unless the row is also stored in the current database.
   *
   * @param unknown the key of the row, if it may have been committed
   */
  private async endForeign(group: CommitGroup, unknown?: { writer: Landmark; sequence: number }): Promise<void> {
    const isStored =
      unknown !== undefined &&
      (await withDeadline(this.repository.hasRowOf(unknown.writer, unknown.sequence), this.timeLeft(group)));
    // The live values already contain a stored row, because everything was read again from the new database.
    if (isStored) group.resolve();
    else group.answerUnavailable(Infinity);
    this.noteRecovery();
  }

  /** Removes requests from a group if another process has committed their receipts. */
  private async dropStored(group: CommitGroup, attempt: number): Promise<void> {
    const { receipts } = group.toRow(this.clock);
    const stored = await withDeadline(this.receipts.find(receipts), this.timeLeft(group));
    // If none is stored, the conflicting receipt has expired and is being removed. An immediate retry might meet it again.
    if (group.dropStored(stored) === 0) await sleep(pauseBefore(attempt));
  }

  /** Shows the samples, which are now durable, and then answers the requests. */
  private async publish(group: CommitGroup, sequence: number, fate: RowFate): Promise<void> {
    if (fate === 'compacted') {
      // The samples of the row are part of stored totals that this process has not read.
      await this.loader.reload();
    } else {
      const { series, values, timestamps } = group.toRow(this.clock);
      this.applier.applyCommitted({
        series,
        values,
        timestamps,
        receivedAt: fate,
        writerId: this.ownWriter!.id,
        sequence,
      });
    }
    group.resolve();
    this.noteRecovery();
  }

  /** Records that Postgres has accepted a commit or answered another query. */
  noteRecovery(): void {
    if (!this.hasStalled) return;
    this.hasStalled = false;
    this.logger.log('Postgres accepts commits again.');
  }

  /**
   * Records that Postgres accepts no commits, and logs this the first time.
   *
   * @param error the reason
   */
  noteStall(error: unknown): void {
    if (this.hasStalled) return;
    this.hasStalled = true;
    this.logger.warn(
      `Postgres does not accept commits (${databaseMessageOf(error)}); requests are held for up to ${this.limits.waitMs} ms each.`,
    );
  }
}
