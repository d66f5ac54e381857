import { decodeInt4Array, decodeTimestampArray } from '../../database/binary/packed-array.js';
import type { SeriesRow } from './series-row.js';
import { labelSetOf, labelsToText } from './label-set.js';
import type { Temporality } from '../metric/metric.js';

/** Many series in one row with a value for each column, as selected by {@link SERIES_PAGE_COLUMNS}. */
export interface PackedSeriesPage {
  readonly ids: Buffer;
  readonly metric_ids: Buffer;
  readonly labels: string;
  readonly temporalities: string;
  readonly created_by_token_ids: Buffer;
  readonly created_ats: Buffer;
}

/**
 * The select list for a page of series, with one value for each column. Separate rows took the process four times as long: the
 * driver makes a string of each column of each row, parses the labels one JSON text at a time, and parses times by regular
 * expressions.
 */
export const SERIES_PAGE_COLUMNS = `
  array_send(array_agg(id)) AS ids,
  array_send(array_agg(metric_id)) AS metric_ids,
  string_agg(labels::text, ',') AS labels,
  string_agg(coalesce(temporality, ''), ',') AS temporalities,
  array_send(array_agg(coalesce(created_by_token_id, 0))) AS created_by_token_ids,
  array_send(array_agg(created_at)) AS created_ats`;

export function decodeSeriesPage(page: PackedSeriesPage): SeriesRow[] {
  const metricIds = decodeInt4Array(page.metric_ids);
  const labels = JSON.parse(`[${page.labels}]`) as Record<string, string>[];
  const temporalities = page.temporalities.split(',') as (Temporality | '')[];
  const tokenIds = decodeInt4Array(page.created_by_token_ids);
  const createdAts = decodeTimestampArray(page.created_ats);
  return Array.from(decodeInt4Array(page.ids), (id, index) => ({
    id,
    metric_id: metricIds[index]!,
    labels_text: labelsToText(labelSetOf(labels[index]!)),
    temporality: temporalities[index] || null,
    created_by_token_id: tokenIds[index] || null,
    created_at_ms: createdAts[index]!,
  }));
}
