import type { Series } from '../../catalog/series/series.js';
import type { TrimmedRange } from '../archive/block/block-trimmer.js';

/** A requested deletion of samples. */
export interface CorrectionRequest {
  readonly metric: string;
  /** The label filters, as `name=value`. They are only recorded, because `series` has already been selected by them. */
  readonly labels: readonly string[];
  readonly series: readonly Series[];
  /** The range of sample times, in whole milliseconds since the epoch. */
  readonly range: TrimmedRange;
  /** True to count what would be deleted, and to delete nothing. */
  readonly isDryRun: boolean;
  readonly tokenId: number;
}

/** The amount of data that a correction has deleted, or would delete. */
export interface CorrectedAmount {
  /** The number of series that lose samples. */
  readonly series: number;
  readonly samples: number;
  /** The number of blocks and chunks that hold some of these samples. The newest samples are in the log instead. */
  readonly blocks: number;
  /** The number of counters among the series whose value falls, or may fall, because of the deletion. */
  readonly fallingCounters: number;
}

/** The record of a correction that has deleted samples. */
export interface StoredCorrection {
  readonly id: number;
  /** The time of the correction, in milliseconds since the epoch. */
  readonly at: number;
  /** The name of the token; null if it no longer exists, or if the host application's own guard has admitted the request. */
  readonly token: string | null;
  readonly metric: string;
  readonly labels: readonly string[];
  readonly from: number;
  readonly to: number;
  readonly series: number;
  readonly samples: number;
  readonly blocks: number;
}

/** Thrown when a correction would change too many blocks, or takes too long. Nothing was deleted. */
export class CorrectionTooLargeError extends Error {
  override readonly name = 'CorrectionTooLargeError';
}
