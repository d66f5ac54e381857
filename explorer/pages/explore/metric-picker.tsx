import { request } from '../../api/requests.js';
import type { MetricsPage } from '../../api/types.js';
import { Combobox } from '../../dialog/combobox.js';

/** A field that finds metrics by words in their name or help text. */
export function MetricPicker({ onChoose }: { onChoose: (metric: string) => void }) {
  return (
    <Combobox
      label="Metric"
      placeholder="Search metrics by name or help"
      isFocused
      isFree
      find={async (search, signal) => {
        const query = { search: search || null, families: true, order: 'lastPush', limit: 50 };
        const { metrics, total } = await request<MetricsPage>('/api/history/metrics', { query, signal });
        return { choices: metrics.map(({ name, type }) => ({ value: name, note: type })), total };
      }}
      onChoose={onChoose}
    />
  );
}
