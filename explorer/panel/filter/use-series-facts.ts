import { request } from '../../api/requests.js';
import type { ListedMetric, Series } from '../../api/types.js';
import { useResource } from '../../api/use-resource.js';
import { filterParameter } from './label-filter.js';
import type { PanelState } from '../panel-state.js';
import { factsOf, type SeriesFacts } from './series-facts.js';

/**
 * Maximum number of series that are examined. A panel has no more lines than this, so if it has more series, some of them share a
 * line.
 */
const LOOKED_AT = 100;

/** Returns what is known about the series of a panel. It asks for a list of them only if the metric alone does not tell. */
export function useSeriesFacts(panel: PanelState, metric: ListedMetric | null): SeriesFacts {
  const isKnown = metric === null || (metric.type === 'gauge' ? metric.seriesCount === 1 : metric.temporality !== null);
  const query = {
    metric: metric?.type === 'histogram' ? `${metric.name}_bucket` : metric?.name,
    label: panel.filters.map(filterParameter),
    limit: LOOKED_AT,
  };
  const listed = useResource(isKnown ? null : JSON.stringify(query), (signal) =>
    request<Series>('/api/history/series', { query, signal }),
  );
  if (listed.data !== null) return factsOf(listed.data, panel.by);
  return { isCumulative: metric?.temporality === 'cumulative', isOneEach: metric?.seriesCount === 1 };
}
