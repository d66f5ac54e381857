import { useState } from 'preact/hooks';
import { request } from '../../api/requests.js';
import type { Labels, ListedMetric } from '../../api/types.js';
import { useResource } from '../../api/use-resource.js';
import { Dialog } from '../../dialog/dialog.js';
import { ProblemNotice } from '../../layout/problem-notice.js';
import controls from '../../style/controls.module.css';
import { addFilters } from '../frame/panel-actions.js';
import type { PanelState } from '../panel-state.js';
import styles from '../panel.module.css';
import { ValueSearch } from './value-search.js';

/** Adds a filter: a person chooses a label and one of its values, whose series are then shown alone or left out. */
export function FilterDialog({
  metric,
  panel,
  index,
  onClose,
}: {
  metric: ListedMetric;
  panel: PanelState;
  index: number;
  onClose: () => void;
}) {
  const [label, setLabel] = useState<string | null>(null);
  const [isExcluded, setExcluded] = useState(false);
  const labels = useResource(`labels ${metric.name}`, (signal) =>
    request<Labels>('/api/history/labels', { query: { metric: metric.name, limit: 100 }, signal }),
  );
  const known = (labels.data?.labels ?? []).filter(({ name }) => metric.type !== 'histogram' || name !== 'le');
  const chosen = label ?? (known.length === 1 ? known[0]!.name : null);
  return (
    <Dialog title="Filter" onClose={onClose}>
      <ProblemNotice of={labels} />
      {labels.data !== null && known.length === 0 && (
        <p>This metric has no labels, so there is nothing to choose from.</p>
      )}
      {known.length > 0 && (
        <div class={styles.labels} role="group" aria-label="Effect">
          {[false, true].map((excludes) => (
            <button
              key={String(excludes)}
              type="button"
              class={`${controls.button} ${controls.small}`}
              aria-pressed={isExcluded === excludes}
              onClick={() => setExcluded(excludes)}
            >
              {excludes ? 'Leave out a value' : 'Show only a value'}
            </button>
          ))}
        </div>
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
        <ValueSearch
          key={chosen}
          metric={metric}
          label={chosen}
          filters={panel.filters}
          isInline
          onChoose={(value) => {
            onClose();
            addFilters(index, { label: chosen, value, isExcluded });
          }}
        />
      )}
    </Dialog>
  );
}
