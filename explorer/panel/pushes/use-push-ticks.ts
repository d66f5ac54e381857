import { request } from '../../api/requests.js';
import type { ListedMetric, SamplesPage } from '../../api/types.js';
import { useResource } from '../../api/use-resource.js';
import { range } from '../../router/view.js';
import { filterParameter, type LabelFilter } from '../filter/label-filter.js';

/** Maximum number of pushes that are marked. The ticks of more would merge into one grey bar. */
const MOST = 200;

/**
 * Returns the times of all pushes of a metric in the range, in seconds since the epoch, or undefined if there are too many or
 * they have not been loaded yet.
 */
export function usePushTicks(
  metric: ListedMetric,
  filters: readonly LabelFilter[],
  version: number,
): number[] | undefined {
  const { from, to } = range.value;
  const name = metric.type === 'histogram' ? `${metric.name}_count` : metric.name;
  const query = { metric: name, label: filters.map(filterParameter), from, to, limit: MOST + 1 };
  const samples = useResource(
    JSON.stringify(query),
    (signal) => request<SamplesPage>('/api/history/samples', { query, signal }),
    version,
  );
  if (samples.data === null || samples.data.samples.length > MOST) return undefined;
  return [...new Set(samples.data.samples.map(({ at }) => Date.parse(at) / 1000))];
}
