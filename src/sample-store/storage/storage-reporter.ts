import { Inject, Injectable, Logger } from '@nestjs/common';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../custom-metrics.options.js';
import { DatabaseClock } from '../../database/database-clock.js';
import { databaseMessageOf, isOutage, withDeadline } from '../../database/outage.js';
import { statementTimeout, usableWait } from '../../database/store-wait.js';
import { BLOCK_SETS } from '../archive/chunk/chunk-partitions.js';
import { SampleLog } from '../log/sample-log.js';
import { PeerLag } from '../peers/peer-lag.js';
import type { CountedSamples, StorageReport, StoredSizes } from './storage-report.js';
import { StorageRepository } from './storage.repository.js';

/**
 * How long a report is reused. For a new one, Postgres has to read the size of every file and the number of samples of every
 * block.
 */
const CACHE_MS = 10_000;

const ARCHIVE_TABLES: ReadonlySet<string> = new Set([...Object.values(BLOCK_SETS), 'sample_chunk']);

/** Reports how much is stored, and how far compaction and this process lag behind. */
@Injectable()
export class StorageReporter {
  private readonly logger = new Logger(StorageReporter.name);
  private report: Promise<StorageReport> | undefined;
  private madeAt = -Infinity;

  constructor(
    private readonly repository: StorageRepository,
    private readonly clock: DatabaseClock,
    private readonly log: SampleLog,
    private readonly lag: PeerLag,
    @Inject(CUSTOM_METRICS_OPTIONS) private readonly options: CustomMetricsOptions,
  ) {}

  /** Returns the last report if it is recent, or makes a new one. Requests at the same time share one report. */
  read(): Promise<StorageReport> {
    if (this.report === undefined || performance.now() - this.madeAt > CACHE_MS) {
      this.madeAt = performance.now();
      // Nobody waits longer. On a connection that has gone silent, later requests would otherwise share this report.
      const report = withDeadline(this.make(), usableWait(this.options.store.waitMs));
      this.report = report;
      // A failure is not kept, so that the next request tries again.
      report.catch(() => {
        if (this.report === report) this.report = undefined;
      });
    }
    return this.report;
  }

  private async make(): Promise<StorageReport> {
    const startedAt = performance.now();
    const sizes = await this.repository.findSizes();
    const writers = await this.repository.findWriters();
    const leftMs = statementTimeout(this.options.store.waitMs) - (performance.now() - startedAt);
    const samples = await this.countOrGiveUp(Math.max(Math.floor(leftMs), 1));
    return {
      at: this.clock.now(),
      ...sizes,
      samples,
      bytesPerSample: bytesPerSampleOf(sizes, samples),
      ...writers,
      ownWriterId: this.log.writer,
      peerLagSeconds: this.lag.seconds,
    };
  }

  /**
   * Counts the samples. On a database that is too large for that, the rest of the report is still useful, so the counting ends before
   * the request would be given up.
   */
  private async countOrGiveUp(timeoutMs: number): Promise<CountedSamples | null> {
    try {
      return await this.repository.countSamples(timeoutMs);
    } catch (error) {
      if (!isOutage(error)) throw error;
      this.logger.debug(`Could not count the samples: ${databaseMessageOf(error)}`);
      return null;
    }
  }
}

function bytesPerSampleOf({ tables }: StoredSizes, samples: CountedSamples | null): number | null {
  if (samples === null || samples.archived === 0) return null;
  const archives = tables.filter(({ name }) => ARCHIVE_TABLES.has(name));
  return archives.reduce((sum, { bytes }) => sum + bytes, 0) / samples.archived;
}
