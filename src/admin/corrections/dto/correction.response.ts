import type { StoredCorrection } from '../../../sample-store/corrections/correction.js';

/** The amount of data that was deleted, or that would be deleted without `dryRun`. */
export class CorrectionResponse {
  /** @example http_responses_total */
  metric: string;

  /** True for a dry run, which deletes nothing. */
  dryRun: boolean;

  /**
   * Beginning of the range, inclusive.
   * @example 2026-11-24T12:00:00.000Z
   */
  from: string;

  /**
   * End of the range, exclusive.
   * @example 2026-11-24T12:30:00.000Z
   */
  to: string;

  /**
   * The number of series that lose samples.
   * @example 12
   */
  seriesCount: number;

  /**
   * The number of raw samples that are deleted.
   * @example 1440
   */
  sampleCount: number;

  /**
   * The number of blocks and chunks (rows) that hold some of these samples. The newest samples are in the log instead.
   * @example 2
   */
  blockCount: number;

  /**
   * The number of counters whose value on `/metrics` becomes lower, or may become lower. If it is not 0, `note` says what this
   * means.
   * @example 12
   */
  fallingCounterCount: number;

  /**
   * The consequence for Prometheus; null if no counter falls.
   * @example The values of 12 counters step back once on /metrics. Prometheus takes this for a restart of the counter, so its increase() over that moment counts the remaining value again.
   */
  note: string | null;
}

/** A past correction. */
export class StoredCorrectionResponse {
  /** @example 7 */
  id: number;

  /**
   * The time of the correction.
   * @example 2026-11-24T14:03:12.481Z
   */
  at: string;

  /**
   * The name of the token that asked for it; null if the token no longer exists, or if a guard of the app admitted the request.
   * @example operator
   */
  token: string | null;

  /** @example http_responses_total */
  metric: string;

  /**
   * The label filters, as in the request.
   * @example ["status=200"]
   */
  labels: string[];

  /**
   * Beginning of the range of sample times, inclusive.
   * @example 2026-11-24T12:00:00.000Z
   */
  from: string;

  /**
   * End of the range, exclusive.
   * @example 2026-11-24T12:30:00.000Z
   */
  to: string;

  /** @example 12 */
  seriesCount: number;

  /** @example 1440 */
  sampleCount: number;

  /** @example 2 */
  blockCount: number;

  static of({ id, at, token, metric, labels, from, to, ...amount }: StoredCorrection): StoredCorrectionResponse {
    return Object.assign(new StoredCorrectionResponse(), {
      id,
      at: new Date(at).toISOString(),
      token,
      metric,
      labels,
      from: new Date(from).toISOString(),
      to: new Date(to).toISOString(),
      seriesCount: amount.series,
      sampleCount: amount.samples,
      blockCount: amount.blocks,
    });
  }
}

/** The newest corrections of all processes. */
export class CorrectionsResponse {
  /** The corrections, the latest first. */
  corrections: StoredCorrectionResponse[];
}
