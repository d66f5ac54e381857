import type { StorageReport } from '../../../sample-store/storage/storage-report.js';

/** The disk space of one table, with its partitions and indexes. */
export class TableSizeResponse {
  /** @example sample_block_merged */
  name: string;

  /** @example 97517568 */
  bytes: number;
}

/** A running process of the service that uses this database. */
export class ProcessResponse {
  /** The id of the process in the table `sample_writer`. */
  id: number;

  /** True for the process that answers. */
  isThis: boolean;

  /** @example 2026-11-24T08:00:00.000Z */
  startedAt: string;

  /** Seconds since its last heartbeat, which comes every minute. */
  heartbeatAgeSeconds: number;

  /** The time of its newest commit that is still in the log, or null if there is none. */
  lastCommitAt: string | null;
}

/** A report on how much is stored, and on how far compaction and the answering process lag behind. */
export class StorageResponse {
  /**
   * The time of the report, which can be up to ten seconds old.
   * @example 2026-11-24T12:00:00.000Z
   */
  at: string;

  /** The disk space of the whole database, including tables of other applications. */
  databaseBytes: number;

  /** The tables of the service, the largest first. */
  tables: TableSizeResponse[];

  /** The number of all samples, or null if counting takes longer than four seconds or than `STORE_WAIT_MS`. */
  sampleCount: number | null;

  /** The number of samples that are not compacted yet, or null if counting takes longer than four seconds or than `STORE_WAIT_MS`. */
  logSampleCount: number | null;

  /** The time of the oldest sample, or null if there is none or counting takes longer than four seconds or than `STORE_WAIT_MS`. */
  oldestSampleAt: string | null;

  /**
   * The average disk space of a compacted sample, or null if there is none or counting takes longer than four seconds or than `STORE_WAIT_MS`.
   * @example 9.8
   */
  bytesPerSample: number | null;

  /**
   * The age of the oldest samples in the log, in seconds. It is usually slightly above `COMPACTION_HORIZON_SECONDS`.
   * @example 131.2
   */
  compactionLagSeconds: number;

  /**
   * The time by which the answering process lags behind the commits of the other processes, in seconds.
   * @example 0.2
   */
  peerLagSeconds: number;

  /** The processes that are alive, at most 100, the newest first. */
  processes: ProcessResponse[];

  static of(report: StorageReport): StorageResponse {
    const { samples } = report;
    return Object.assign(new StorageResponse(), {
      at: iso(report.at),
      databaseBytes: report.databaseBytes,
      tables: report.tables.map(({ name, bytes }) => ({ name, bytes })),
      sampleCount: samples && samples.archived + samples.inLog,
      logSampleCount: samples && samples.inLog,
      oldestSampleAt: isoOrNull(samples?.oldestAt ?? null),
      bytesPerSample: report.bytesPerSample,
      compactionLagSeconds: report.logAgeSeconds,
      peerLagSeconds: report.peerLagSeconds,
      processes: report.writers.map(({ id, startedAt, aliveAt, lastCommitAt }) => ({
        id,
        isThis: id === report.ownWriterId,
        startedAt: iso(startedAt),
        heartbeatAgeSeconds: Math.max(0, (report.at - aliveAt) / 1_000),
        lastCommitAt: isoOrNull(lastCommitAt),
      })),
    });
  }
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

function isoOrNull(ms: number | null): string | null {
  return ms === null ? null : iso(ms);
}
