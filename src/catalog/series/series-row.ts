import type { Temporality } from '../metric/metric.js';

/** A row of the table `series`. */
export interface SeriesRow {
  readonly id: number;
  readonly metric_id: number;
  /** The labels as {@link labelsToText} writes them. */
  readonly labels_text: string;
  readonly temporality: Temporality | null;
  readonly created_by_token_id: number | null;
  readonly created_at_ms: number;
  readonly is_scraped: boolean;
}
