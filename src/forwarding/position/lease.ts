/** The rows that are being forwarded: for each writer, the sequence number of the last of them. */
export type Positions = ReadonlyMap<number, number>;

/** The lease of a process, by which only one process at a time forwards. */
export interface Lease {
  readonly holder: string;
  /** The number of the lease. A later lease has a larger number. */
  readonly term: number;
}

/** The state that a holder of the lease continues. */
export interface HeldState {
  readonly lease: Lease;
  /** False before the first totals are stored. */
  readonly isStarted: boolean;
  /** The number of samples that were not kept because the queue was full. */
  readonly leftOutSamples: number;
  /** The rows that a process has begun to forward, if it has not finished. */
  readonly claimed: Positions | undefined;
}

/** What may have changed since the last look. */
export interface Changes {
  /** True if the totals have to be computed again, because samples were deleted or were left out. */
  readonly needsTotals: boolean;
  /** A text that differs after each rename and each deletion of metrics or series. Other changes of metrics may change it, too. */
  readonly names: string;
  /** The number of the newest correction. */
  readonly newestCorrection: string;
  /** The id of this installation, and those of the installations whose samples arrive here. */
  readonly installations: readonly string[];
}

/** Returns whether rows that were read, and names that were looked up, before the one state are still right in the other. */
export function isSameState(one: Changes | undefined, other: Changes): boolean {
  return one?.names === other.names && one.newestCorrection === other.newestCorrection;
}

/** The error for samples on their way that have changed in the meantime, because some were deleted or renamed. */
export class OutdatedSamplesError extends Error {
  override readonly name = 'OutdatedSamplesError';

  constructor() {
    super('samples that wait for the target have been deleted or renamed');
  }
}

/** The error for work of a process whose lease another one has taken. The other one repeats the work. */
export class LostLeaseError extends Error {
  override readonly name = 'LostLeaseError';

  constructor() {
    super('another process has taken over the forwarding');
  }
}
