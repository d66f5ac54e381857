/**
 * Positions in the log: for each writer, the sequence number of a row. They stand for this row and all earlier ones of the
 * writer.
 */
export type Positions = ReadonlyMap<number, number>;

/** A lease, which makes sure that only one process at a time forwards samples. */
export interface Lease {
  readonly holder: string;
  /** The number of the lease. A later lease has a larger number. */
  readonly term: number;
}

/** The state from which a holder of the lease continues. */
export interface HeldState {
  readonly lease: Lease;
  /** False before the first totals are stored. */
  readonly isStarted: boolean;
  /** The number of samples that were not kept because the queue was full. */
  readonly leftOutSamples: number;
  /** The rows that a process has begun to forward, if it has not finished. */
  readonly claimed: Positions | undefined;
}

/** The state by which the holder of the lease finds out what has changed. */
export interface Changes {
  /** True if the totals have to be computed again, because samples were deleted or were left out. */
  readonly needsTotals: boolean;
  /**
   * A text that differs after each rename and each deletion of metrics or series. Other changes of metrics may change it, too.
   */
  readonly names: string;
  /** The number of the newest correction. */
  readonly newestCorrection: string;
  /** The id of this installation, and those of the installations whose samples arrive here. */
  readonly installations: readonly string[];
}

/** Returns whether rows and names that were read in one state are still correct in the other. */
export function isSameState(one: Changes | undefined, other: Changes): boolean {
  return one?.names === other.names && one.newestCorrection === other.newestCorrection;
}

/** The error for samples that are out of date before the target has accepted them, because some were deleted or renamed. */
export class OutdatedSamplesError extends Error {
  override readonly name = 'OutdatedSamplesError';

  constructor() {
    super('samples that wait for the target have been deleted or renamed');
  }
}

/** Thrown when another process has taken over the lease. That process repeats the work. */
export class LostLeaseError extends Error {
  override readonly name = 'LostLeaseError';

  constructor() {
    super('another process has taken over the forwarding');
  }
}
