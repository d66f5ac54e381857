/** The disk space that the database and our tables take in Postgres. */
export interface StoredSizes {
  /** The size of the whole database, including tables of other applications. */
  readonly databaseBytes: number;
  /** Our tables with their partitions and indexes, the largest first. */
  readonly tables: readonly { readonly name: string; readonly bytes: number }[];
}

/** The numbers of stored samples. */
export interface CountedSamples {
  /** The number of samples in blocks and chunks. */
  readonly archived: number;
  /** The number of samples that are not compacted yet. */
  readonly inLog: number;
  /** The time of the oldest sample, in milliseconds since the epoch, or null if there is none. */
  readonly oldestAt: number | null;
}

/** A process that is alive. The times are in milliseconds since the epoch. */
export interface LivingWriter {
  readonly id: number;
  readonly startedAt: number;
  readonly aliveAt: number;
  /** The time of its newest commit that is still in the log, or null if there is none. */
  readonly lastCommitAt: number | null;
}

/** A report of how much is stored at one moment. */
export interface StorageReport extends StoredSizes {
  /** The time of the report, in milliseconds since the epoch. */
  readonly at: number;
  /** The numbers of samples, or null if counting takes too long. */
  readonly samples: CountedSamples | null;
  /** The disk space of an archived sample, or null if it is not known. */
  readonly bytesPerSample: number | null;
  /** The age of the oldest samples in the log, in seconds. */
  readonly logAgeSeconds: number;
  readonly writers: readonly LivingWriter[];
  /** The writer of the process that made the report. */
  readonly ownWriterId: number;
  /** How far that process lags behind the commits of the others, in seconds. */
  readonly peerLagSeconds: number;
}
