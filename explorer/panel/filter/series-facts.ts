import type { Series } from '../../api/types.js';

/** Facts about the series of a panel. They decide which PromQL query is equivalent to the panel. */
export interface SeriesFacts {
  /** Whether the samples of any series are running totals, which can't be added up. */
  isCumulative: boolean;
  /** Whether each line has the samples of a single series. */
  isOneEach: boolean;
}

/**
 * Derives the facts from the first page of a panel's series.
 *
 * @param by the labels by which the series are grouped into lines
 */
export function factsOf(
  { series, nextCursor }: Pick<Series, 'series' | 'nextCursor'>,
  by: readonly string[],
): SeriesFacts {
  const lines = new Set(series.map(({ labels }) => JSON.stringify(by.map((label) => labels[label] ?? ''))));
  return {
    isCumulative: series.some(({ temporality }) => temporality === 'cumulative'),
    isOneEach: nextCursor === null && lines.size === series.length,
  };
}
