import type { ProblemReason } from './metrics-problem.js';

/** Counts since the client was made, and what waits now. */
export interface MetricsClientStats {
  /** Series with values that are not in a batch yet. */
  readonly openSeries: number;
  /** Batches that are not acknowledged yet. */
  readonly queuedBatches: number;
  readonly queuedSamples: number;
  readonly queuedBytes: number;
  /** Batches that the server has committed. */
  readonly acknowledgedBatches: number;
  /** Samples that the server has committed. */
  readonly acknowledgedSamples: number;
  /** Batches that the server refused, or that were tried for too long; how many samples is in `dropped`. */
  readonly givenUpBatches: number;
  /** Attempts that failed and were, or will be, made again. */
  readonly failedAttempts: number;
  /** What is lost, by reason: calls that were not taken, and samples of batches. */
  readonly dropped: Readonly<Partial<Record<ProblemReason, number>>>;
}
