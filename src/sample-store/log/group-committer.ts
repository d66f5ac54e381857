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
import { LiveValuesLoader } from '../reading/live-values-loader.js';
import { LogApplier } from '../reading/log-applier.js';
import { ReceiptConflictError } from '../receipts/receipt-conflict.error.js';
import { outcomeOf } from './row-outcome.js';
import { type RowFate, SampleBatchRepository } from './sample-batch.repository.js';
import { SampleStoreMetrics } from './sample-store.metrics.js';

/**
 * A commit may take half of the time that its requests have left, so that the other half is there to find out what became of it. A
 * tenth is added at the end, because Postgres itself cancels a statement after the whole wait, and its word for that is certain.
 */
const COMMIT_SHARE = 0.5;
const GRACE_SHARE = 0.1;

/** Postgres gets this time for a statement however short the wait is: a busy machine takes some of it for every commit. */
const SHORTEST_TRY_MS = 250;

/** A pause between two tries is this share of the wait at most, and so does not hold a request for much longer than it may be. */
const PAUSE_SHARE = 0.05;

/**
 * Commits a group of requests as one row of the log, and answers them.
 *
 * Exactly once: a row keeps its key `(writer, sequence)` until its fate is known. When a commit's outcome is unknown
 * (the connection was lost), the same row is sent again under the same key; the primary key makes that harmless. Before a
 * request in such a row is answered 503, the row is settled, so that a client that sends again is not counted twice.
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

  /** Writes as this writer from now on; nothing can be committed before. */
  writeAs(writer: Landmark): void {
    this.ownWriter = writer;
    this.sequence = 0;
  }

  /** This process' row among the writers. */
  get writer(): Landmark | undefined {
    return this.ownWriter;
  }

  /** True while Postgres does not take commits. */
  get isStalled(): boolean {
    return this.hasStalled;
  }

  /** From now on a group ends when all of its requests have been answered, even if the fate of its row is not known. */
  stop(): void {
    this.isStopping = true;
  }

  /**
   * Ends when every request of the group has its answer. One in flight is answered 503 only when it is known not to be
   * stored; if that can't be found out in the time that it may wait, it is told so all the same, and counted, and the row is
   * settled when Postgres is back.
   *
   * Only an error that waiting cannot mend is thrown.
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
        // A conflict makes the row another one, so no earlier try of it may be left either.
        if (isOutcomeOpen && (hasReceiptConflict || isUnanswered || group.isOverdue(waitingBefore))) {
          isSettling = true;
          const outcome = outcomeOf(this.repository.settle(writer.id, sequence), firstTry);
          const fate = await withDeadline(outcome, this.timeLeft(group) + waitMs * GRACE_SHARE);
          if (fate !== null) return await this.publish(group, sequence, fate);
          isOutcomeOpen = false;
          isUnanswered = false;
          sequence = ++this.sequence;
        }
        if (!isOutcomeOpen) group.dropOverdue(performance.now() - waitMs);
        if (hasReceiptConflict) await this.dropStored(group, attempt);
        hasReceiptConflict = false;
        if (group.isEmpty) return;
        const row = group.toRow(this.clock);
        const startedAt = performance.now();
        const { seriesIds, timestamps, values, receipts } = row;
        const batch = { writerId: writer.id, sequence, seriesIds, timestamps, values, receipts };
        // In the step that sends the ids: meanwhile they may have become those of another database's series.
        this.known.assertStill(generation);
        const appending = isOutcomeOpen ? this.repository.appendAgain(batch) : this.repository.append(batch);
        firstTry = isOutcomeOpen ? undefined : appending;
        isSettling = false;
        const fate = await withDeadline(appending, Math.max(this.timeLeft(group) * COMMIT_SHARE, SHORTEST_TRY_MS));
        this.metrics.observeCommit(row.values.length, (performance.now() - startedAt) / 1000);
        // A repeated row tells when it was first written, which says nothing of now.
        if (attempt === 1 && fate !== 'compacted') this.clock.observe(fate, startedAt);
        if (generation !== this.known.generation) {
          // Committed somewhere, which need not be where this process works now.
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
        // An open outcome is settled first, whatever the error: a row that appeared later would be below what others have read.
        if (!isOutage(error) && !isOutcomeOpen) throw error;
        if (!isSettling) isUnanswered = error instanceof DatabaseTimeoutError;
        if (!isUnanswered) firstTry = undefined;
        isOutcomeOpen ||= isOutcomeUnknown(error);
        this.noteStall(error);
        if (isUnanswered && !isSettling) this.repository.distrustConnections();
        // What may have been stored is settled first, for which there is some time left.
        if (isSettling || !isOutcomeOpen) this.answerOverdue(group, isOutcomeOpen);
        if (this.isStopping && group.isAnswered) return;
        await sleep(Math.min(pauseBefore(attempt), Math.max(waitMs * PAUSE_SHARE, 1)));
      }
    }
  }

  /** How long the requests of a group may still be held. */
  private timeLeft(group: CommitGroup): number {
    const { waitMs } = this.limits;
    return Math.max(waitMs - group.longestWait(), waitMs * GRACE_SHARE, SHORTEST_TRY_MS);
  }

  private answerOverdue(group: CommitGroup, isOutcomeOpen: boolean): void {
    const answered = group.answerUnavailable(performance.now() - this.limits.waitMs, isOutcomeOpen);
    if (isOutcomeOpen) this.metrics.countUnknownOutcomes(answered);
  }

  /** @returns whether it was found out in time which database there is now */
  private async hasRecognised(group: CommitGroup): Promise<boolean> {
    try {
      await withDeadline(this.known.examine(), this.timeLeft(group));
      return true;
    } catch {
      return false;
    }
  }

  /**
   * Ends a group whose series are of a database that this process does not work on any more: by their ids it would land in
   * other series. Its requests are answered 503, unless the row had reached the new database before.
   *
   * @param unknown the row, if it may have been committed
   */
  private async endForeign(group: CommitGroup, unknown?: { writer: Landmark; sequence: number }): Promise<void> {
    const isStored =
      unknown !== undefined &&
      (await withDeadline(this.repository.hasRowOf(unknown.writer, unknown.sequence), this.timeLeft(group)));
    // What is stored is shown by now, because everything was read anew.
    if (isStored) group.resolve();
    else group.answerUnavailable(Infinity);
    this.noteRecovery();
  }

  /** Takes requests out of a group whose receipts another process has committed. */
  private async dropStored(group: CommitGroup, attempt: number): Promise<void> {
    const { receipts } = group.toRow(this.clock);
    const stored = await withDeadline(this.receipts.find(receipts), this.timeLeft(group));
    // What was in the way was past its time and is being removed; trying again at once might meet it again.
    if (group.dropStored(stored) === 0) await sleep(pauseBefore(attempt));
  }

  /** The samples are durable: shows them, then answers. */
  private async publish(group: CommitGroup, sequence: number, fate: RowFate): Promise<void> {
    if (fate === 'compacted') {
      // What the row held is part of totals that this process has not seen.
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

  /** Postgres has taken a commit, or answered something else. */
  noteRecovery(): void {
    if (!this.hasStalled) return;
    this.hasStalled = false;
    this.logger.log('Postgres takes commits again.');
  }

  /** @param error says why Postgres does not take commits */
  noteStall(error: unknown): void {
    if (this.hasStalled) return;
    this.hasStalled = true;
    this.logger.warn(
      `Postgres does not take commits (${databaseMessageOf(error)}); requests are held for up to ${this.limits.waitMs} ms each.`,
    );
  }
}
