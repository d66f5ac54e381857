import type { Series } from '../../api/types.js';

/** The facts about the series of a panel on which its PromQL depends. */
export interface SeriesFacts {
  /** Whether samples of a counter are running totals, which can't be added up. */
  isCumulative: boolean;
  /** Whether each line has the samples of a single series. */
  isOneEach: boolean;
}

/** Returns the facts that a list of series tells. */
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
