import { Logger } from '@nestjs/common';
import { completeOptions } from '../../../src/custom-metrics.options.js';
import { DatabaseClock } from '../../../src/database/database-clock.js';
import { KnownDatabase } from '../../../src/database/known-database.js';
import type { CommittedSamples } from '../../../src/live-values/live-values.js';
import type { CommitGroup } from '../../../src/sample-store/log/commit-group.js';
import { GroupCommitter } from '../../../src/sample-store/log/group-committer.js';
import type { SampleBatchRepository } from '../../../src/sample-store/log/sample-batch.repository.js';
import type { SampleStoreMetrics } from '../../../src/sample-store/log/sample-store.metrics.js';
import type { LiveValuesLoader } from '../../../src/sample-store/reading/live/live-values-loader.js';
import type { LogApplier } from '../../../src/sample-store/reading/live/log-applier.js';
import type { IngestReceiptRepository } from '../../../src/sample-store/receipts/ingest-receipt.repository.js';
import type { RequestReceipt } from '../../../src/sample-store/receipts/request-receipt.js';
import { type Answer, type ScriptedAnswer, ScriptedStore } from './scripted-store.js';
import { DatabaseSchema } from '../../../src/database/schema/database-schema.js';

/** The time for which a request may be held. Half of it is for the first attempt. */
export const WAIT_MS = 5_000;

/** Runs a committer on a scripted store, and records everything that it does. */
export class CommitterOnScript {
  readonly store: ScriptedStore;
  readonly known = new KnownDatabase(new DatabaseSchema('public'));
  readonly committer: GroupCommitter;
  /** The rows that the live values show, such as `1/2 at 30: 10 11`: writer, sequence, time of arrival, ids. */
  readonly shown: string[] = [];
  /** The number of times that the live values were reloaded. */
  reloads = 0;
  unknownOutcomes = 0;
  /** The results of the commits: `ended`, or the message of the error. */
  readonly ends: string[] = [];
  /** Returns the receipts that are stored under the requested keys. */
  storedReceipts: Answer<RequestReceipt[]> = () => Promise.resolve([]);

  constructor(script: ScriptedAnswer[]) {
    // These tests simulate outages, and each of them would be logged.
    Logger.overrideLogger(false);
    this.store = new ScriptedStore(script);
    const applier: Pick<LogApplier, 'applyCommitted'> = { applyCommitted: (row) => this.show(row) };
    const loader: Pick<LiveValuesLoader, 'reload'> = {
      reload: () => {
        this.reloads++;
        return Promise.resolve();
      },
    };
    const receipts: Pick<IngestReceiptRepository, 'find'> = { find: () => this.storedReceipts() };
    const metrics: Pick<SampleStoreMetrics, 'observeCommit' | 'countUnknownOutcomes'> = {
      observeCommit: () => undefined,
      countUnknownOutcomes: (requests) => (this.unknownOutcomes += requests),
    };
    this.committer = new GroupCommitter(
      this.store as Partial<SampleBatchRepository> as SampleBatchRepository,
      applier as LogApplier,
      loader as LiveValuesLoader,
      receipts as IngestReceiptRepository,
      new DatabaseClock(),
      this.known,
      metrics as SampleStoreMetrics,
      completeOptions({ store: { waitMs: WAIT_MS } }),
    );
    this.committer.writeAs({ id: 1, at: 0 });
  }

  commit(group: CommitGroup): void {
    this.committer.commit(group).then(
      () => this.ends.push('ended'),
      (error: Error) => this.ends.push(error.message),
    );
  }

  private show({ writerId, sequence, receivedAt, series }: CommittedSamples): void {
    this.shown.push(`${writerId}/${sequence} at ${receivedAt}: ${series.map(({ id }) => id).join(' ')}`);
  }
}
