import type { StoredRename } from '../../../catalog/renaming/rename.js';

/** The former and the new name of one metric. */
export class RenamedMetricResponse {
  /** @example http_respones_total */
  from: string;

  /** @example http_responses_total */
  to: string;
}

/** The result of a rename, or of a dry run. */
export class RenameResponse {
  /**
   * The former name, as in the request.
   * @example http_respones_total
   */
  metric: string;

  /**
   * The new name.
   * @example http_responses_total
   */
  to: string;

  /** True for a dry run, which renames nothing. */
  dryRun: boolean;

  /** True if an earlier request has already renamed the metric in the same way, and this one has changed nothing. */
  isReplay: boolean;

  /** The metric itself and, for a histogram or summary, its counters. */
  renamed: RenamedMetricResponse[];

  /**
   * The number of series of all these metrics.
   * @example 12
   */
  seriesCount: number;

  /**
   * The consequences for clients, dashboards and scrapers.
   * @example Change the clients first, because a push of http_respones_total now creates a new metric.
   */
  note: string;
}

/** A past rename. */
export class StoredRenameResponse {
  /**
   * Increases with each rename, but not always by one.
   * @example 1208
   */
  id: number;

  /**
   * The time of the rename.
   * @example 2026-11-24T14:03:12.481Z
   */
  at: string;

  /**
   * The name of the token that asked for it; null if the token no longer exists, or if a guard of the app admitted the request.
   * @example operator
   */
  token: string | null;

  /**
   * The former name.
   * @example http_respones_total
   */
  metric: string;

  /**
   * The new name. The metric may have been renamed again or removed since.
   * @example http_responses_total
   */
  to: string;

  /** @example 12 */
  seriesCount: number;

  static of({ id, at, token, from, to, series }: StoredRename): StoredRenameResponse {
    const fields = { id, at: new Date(at).toISOString(), token, metric: from, to, seriesCount: series };
    return Object.assign(new StoredRenameResponse(), fields);
  }
}

/** The newest renames of all processes. */
export class RenamesResponse {
  /** The renames, the latest first. */
  renames: StoredRenameResponse[];
}
