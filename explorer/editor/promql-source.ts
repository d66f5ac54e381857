import type { PrometheusClient } from '@prometheus-io/codemirror-promql/dist/esm/client/prometheus.js';
import { request } from '../api/requests.js';
import type { Labels, LabelValues, MetricsPage } from '../api/types.js';

type Metadata = Awaited<ReturnType<PrometheusClient['metricMetadata']>>;

/** Maximum number of completions in one list. */
const MOST = 100;

/**
 * Finds completions with the routes of the history, a limited number at a time. The editor's own client would load all names and
 * values of the service instead.
 */
export class PromqlSource implements PrometheusClient {
  /** The types and help texts of all names found so far. The editor requests them without naming a metric. */
  readonly #metadata: Metadata = {};

  async metricNames(prefix = ''): Promise<string[]> {
    const query = {
      search:
        prefix
          .replaceAll(/[^\w:]/g, ' ')
          .slice(0, 200)
          .trim() || null,
      order: 'name',
      limit: MOST,
    };
    const { metrics } = await request<MetricsPage>('/api/history/metrics', { query });
    for (const { name, type, help } of metrics) this.#metadata[name] = [{ type, help: (help ?? '').slice(0, 500) }];
    // A histogram has no samples under its own name, so only its counters are listed.
    return metrics.filter(({ type }) => type !== 'histogram').map(({ name }) => name);
  }

  metricMetadata(): Promise<Metadata> {
    return Promise.resolve(this.#metadata);
  }

  async labelNames(metricName?: string): Promise<string[]> {
    const query = { metric: metricName || null, limit: MOST };
    const { labels } = await request<Labels>('/api/history/labels', { query }).catch(() => ({ labels: [] }));
    return labels.map(({ name }) => name);
  }

  async labelValues(labelName: string, metricName?: string): Promise<string[]> {
    if (labelName === '__name__') return this.metricNames();
    const query = { metric: metricName || null, order: 'series', limit: MOST };
    const path = `/api/history/labels/${encodeURIComponent(labelName)}/values`;
    const { values } = await request<LabelValues>(path, { query }).catch(() => ({ values: [] }));
    return values.map(({ value }) => value);
  }

  /** Returns nothing. The editor would use series only to find labels, which the two methods above return. */
  series(): Promise<Map<string, string>[]> {
    return Promise.resolve([]);
  }

  flags(): Promise<Record<string, string>> {
    return Promise.resolve({});
  }
}
