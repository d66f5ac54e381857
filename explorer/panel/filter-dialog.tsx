import { useState } from 'preact/hooks';
import { request } from '../api/requests.js';
import type { Labels, LabelValues, ListedMetric } from '../api/types.js';
import { useResource } from '../api/use-resource.js';
import { Combobox } from '../dialog/combobox.js';
import { Dialog } from '../dialog/dialog.js';
import controls from '../style/controls.module.css';
import { addFilter } from './panel-actions.js';
import styles from './panel.module.css';

/** Chooses a label and one of its values. Values with the most series come first. */
export function FilterDialog({ metric, index, onClose }: { metric: ListedMetric; index: number; onClose: () => void }) {
  const [label, setLabel] = useState<string | null>(null);
  const labels = useResource(`labels ${metric.name}`, (signal) =>
    request<Labels>('/api/history/labels', { query: { metric: metric.name, limit: 100 }, signal }),
  );
  const known = (labels.data?.labels ?? []).filter(({ name }) => metric.type !== 'histogram' || name !== 'le');
  const chosen = label ?? (known.length === 1 ? known[0]!.name : null);
  const find = async (search: string, signal: AbortSignal) => {
    const query = { metric: metric.name, search: search || null, order: 'series', limit: 50 };
    const path = `/api/history/labels/${encodeURIComponent(chosen ?? '')}/values`;
    const { values } = await request<LabelValues>(path, { query, signal });
    return values.map(({ value, seriesCount }) => ({ value, note: `${seriesCount.toLocaleString('en')} series` }));
  };
  return (
    <Dialog title="Filter" onClose={onClose}>
      {labels.data !== null && known.length === 0 && (
        <p>This metric has no labels, so there is nothing to choose from.</p>
      )}
      <div class={styles.labels} role="group" aria-label="Label">
        {known.map(({ name, valuesCount }) => (
          <button
            key={name}
            type="button"
            class={`${controls.button} ${controls.small}`}
            aria-pressed={name === chosen}
            onClick={() => setLabel(name)}
          >
            {name}
            <span class={controls.muted}>{valuesCount.toLocaleString('en')}</span>
          </button>
        ))}
      </div>
      {chosen !== null && (
        <Combobox
          key={chosen}
          label={`Value of ${chosen}`}
          placeholder={`Search values of ${chosen}`}
          isFocused
          find={find}
          onChoose={(value) => {
            onClose();
            addFilter(index, chosen, value);
          }}
        />
      )}
    </Dialog>
  );
}
