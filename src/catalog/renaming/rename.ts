import type { Refusal } from '../refusal.js';

/** A requested rename. */
export interface RenameRequest {
  readonly from: string;
  readonly to: string;
  /** True to check and count everything, and to rename nothing. */
  readonly isDryRun: boolean;
  readonly tokenId: number;
}

/** The former and the new name of one metric. */
export interface NameChange {
  readonly from: string;
  readonly to: string;
}

/** The result of a rename, or of a dry run. */
export interface RenameOutcome {
  /** The metric itself and, for a histogram or summary, its counters. */
  readonly renamed: readonly NameChange[];
  /** The number of series of all these metrics. */
  readonly series: number;
  /** True if an earlier request has already renamed the metric in the same way. */
  readonly isReplay: boolean;
}

/** A past rename. */
export interface StoredRename extends NameChange {
  readonly id: number;
  /** The time of the rename, in milliseconds since the epoch. */
  readonly at: number;
  /** The name of the token; null if it no longer exists, or if the guard of a host has admitted the request. */
  readonly token: string | null;
  readonly series: number;
}

/** The error for a rename of a metric that does not exist. */
export class UnknownMetricError extends Error {
  override readonly name = 'UnknownMetricError';

  constructor(readonly metric: string) {
    super(`There is no metric ${metric}.`);
  }
}

/** The error for a rename that is not possible. Nothing was renamed. */
export class RenameRefusedError extends Error {
  override readonly name = 'RenameRefusedError';

  constructor(readonly refusal: Refusal) {
    super(refusal.message);
  }
}
