import { decodeInt4Array, decodeTimestampArray } from '../../database/binary/packed-array.js';
import type { SeriesRow } from './series-row.js';
import { labelSetOf, labelsToText } from './label-set.js';
import type { Temporality } from '../metric/metric.js';

/** A page of series in one row, with one value for each column, as selected by {@link SERIES_PAGE_COLUMNS}. */
export interface PackedSeriesPage {
  readonly ids: Buffer;
  readonly metric_ids: Buffer;
  readonly labels: string;
  readonly temporalities: string;
  readonly created_by_token_ids: Buffer;
  readonly created_ats: Buffer;
  readonly are_scraped: string;
}

/** The expression for each column of a page. The constant is a record so that the compiler reports a missing column. */
const PAGE_COLUMNS: Readonly<Record<keyof PackedSeriesPage, string>> = {
  ids: 'array_send(array_agg(id))',
  metric_ids: 'array_send(array_agg(metric_id))',
  labels: "string_agg(labels::text, ',')",
  temporalities: "string_agg(coalesce(temporality, ''), ',')",
  created_by_token_ids: 'array_send(array_agg(coalesce(created_by_token_id, 0)))',
  created_ats: 'array_send(array_agg(created_at))',
  // One digit for each series.
  are_scraped: "string_agg(is_scraped::int::text, '')",
};

/**
 * The select list for a page of series, with one value for each column. Separate rows would take the process four times as long,
 * because the driver makes a string of each column of each row, parses the labels one JSON text at a time, and parses times with
 * regular expressions.
 */
export const SERIES_PAGE_COLUMNS = Object.entries(PAGE_COLUMNS)
  .map(([name, expression]) => `${expression} AS ${name}`)
  .join(', ');

/** Returns the id of the last series of a page, without decoding the others. */
export function lastIdOf({ ids }: PackedSeriesPage): number {
  return decodeInt4Array(ids).at(-1)!;
}

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
    is_scraped: page.are_scraped[index] === '1',
  }));
}
