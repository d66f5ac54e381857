import type { ProblemReason } from './metrics-problem.js';

/** Counts since the creation of the client, and the amount of data that is waiting. */
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
  /** Batches that the server refused, or that were tried for too long; `dropped` counts their samples. */
  readonly givenUpBatches: number;
  /** Failed attempts that were or will be repeated. */
  readonly failedAttempts: number;
  /** The number of losses by reason: refused calls, and samples of lost batches. */
  readonly dropped: Readonly<Partial<Record<ProblemReason, number>>>;
}
