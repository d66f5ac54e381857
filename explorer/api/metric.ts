import { ApiProblem } from './problem.js';
import { request } from './requests.js';
import type { ListedMetric, MetricsPage } from './types.js';

/**
 * Finds a metric by its exact name. If the metric does not exist, it throws an `ApiProblem` whose message suggests a similar
 * name, if there is one.
 */
export async function findMetric(name: string, signal: AbortSignal): Promise<ListedMetric> {
  const query = { search: name, order: 'name', limit: 1000 };
  const { metrics } = await request<MetricsPage>('/api/history/metrics', { query, signal });
  const found = metrics.find((metric) => metric.name === name);
  if (found !== undefined) return found;
  // A history query for an unknown name is refused with a message that suggests a similar name.
  await request('/api/history/query', { query: { metric: name, from: '-1m' }, signal });
  throw new ApiProblem(404, `There is no metric ${name}.`);
}
