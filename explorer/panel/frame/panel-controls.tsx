import { Plus, SlidersHorizontal, X } from 'lucide';
import { useState } from 'preact/hooks';
import { request } from '../../api/requests.js';
import type { Labels, ListedMetric } from '../../api/types.js';
import { useResource } from '../../api/use-resource.js';
import { Dialog } from '../../dialog/dialog.js';
import { Icon } from '../../icons/icon.js';
import { setParams } from '../../router/location.js';
import { isComparing } from '../../router/view.js';
import controls from '../../style/controls.module.css';
import { FilterDialog } from '../filter/filter-dialog.js';
import { filterText, filterToAddress, nameFromAddress, nameToAddress } from '../filter/label-filter.js';
import { changePanel } from './panel-actions.js';
import type { PanelState } from '../panel-state.js';
import styles from '../panel.module.css';
import { isAdditive, sightOf, sightsOf } from '../sights.js';
import { STEPS } from '../step.js';

/** The options of a panel. On narrow screens, they are in a dialog. */
export function PanelControls(props: { panel: PanelState; index: number; metric: ListedMetric; step: string }) {
  const [isOpen, setOpen] = useState(false);
  const { panel, index, metric } = props;
  const [isFiltering, setFiltering] = useState(false);
  return (
    <>
      <div class={styles.controls}>
        <div class={styles.wideControls}>
          <Choices {...props} />
        </div>
        <button type="button" class={`${controls.button} ${styles.narrowOnly}`} onClick={() => setOpen(true)}>
          <Icon of={SlidersHorizontal} />
          Options
        </button>
        <ul class={styles.chips} aria-label="Filters">
          {panel.filters.map((filter) => {
            const text = filterText(filter);
            return (
              <li key={filterToAddress(filter)} class={styles.chip} data-excluded={filter.isExcluded}>
                <span class={styles.chipText} title={text.slice(0, 300)}>
                  {text}
                </span>
                <button
                  type="button"
                  aria-label={`Remove the filter ${text}`}
                  onClick={() => changePanel(index, { filters: panel.filters.filter((other) => other !== filter) })}
                >
                  <Icon of={X} size={13} />
                </button>
              </li>
            );
          })}
          <li>
            <button
              type="button"
              class={`${controls.button} ${controls.small} ${controls.quiet}`}
              onClick={() => setFiltering(true)}
            >
              <Icon of={Plus} size={14} />
              Filter
            </button>
          </li>
        </ul>
      </div>
      {isOpen && (
        <Dialog title="Options" onClose={() => setOpen(false)}>
          <Choices {...props} />
        </Dialog>
      )}
      {isFiltering && <FilterDialog metric={metric} panel={panel} index={index} onClose={() => setFiltering(false)} />}
    </>
  );
}

function Choices({
  panel,
  index,
  metric,
  step,
}: {
  panel: PanelState;
  index: number;
  metric: ListedMetric;
  step: string;
}) {
  const labels = useResource(`labels ${metric.name}`, (signal) =>
    request<Labels>('/api/history/labels', { query: { metric: metric.name, limit: 100 }, signal }),
  );
  const known = (labels.data?.labels ?? []).filter(({ name }) => metric.type !== 'histogram' || name !== 'le');
  // Each option is one label. If the address groups by several labels, an additional option stands for all of them.
  const written = panel.by.map(nameToAddress).join(',');
  const isListed = written === '' || known.some(({ name }) => nameToAddress(name) === written);
  const sight = sightOf(metric.type, panel.see, panel.by.length > 0);
  const change = (changes: Partial<PanelState>) => changePanel(index, changes);
  return (
    <>
      <select
        class={controls.select}
        aria-label="Number"
        value={sight.see}
        onChange={(event) => change({ see: event.currentTarget.value })}
      >
        {sightsOf(metric.type)
          .filter(({ see }) => see !== 'heatmap' || panel.by.length === 0)
          .map(({ see, name }) => (
            <option key={see} value={see}>
              {name}
            </option>
          ))}
      </select>
      <select
        class={controls.select}
        aria-label="Group by"
        value={written}
        onChange={(event) => change({ by: event.currentTarget.value.split(',').filter(Boolean).map(nameFromAddress) })}
      >
        <option value="">All together</option>
        {!isListed && <option value={written}>by {panel.by.join(', ')}</option>}
        {known.map(({ name, valuesCount }) => (
          <option key={name} value={nameToAddress(name)}>
            by {name} ({valuesCount.toLocaleString('en')})
          </option>
        ))}
      </select>
      <select
        class={controls.select}
        aria-label="Step"
        value={panel.step}
        onChange={(event) => change({ step: event.currentTarget.value })}
      >
        <option value="">Step{step === '' || panel.step !== '' ? '' : `: ${step}`}</option>
        {panel.step !== '' && !STEPS.some(([text]) => text === panel.step) && (
          <option value={panel.step}>{panel.step}</option>
        )}
        {STEPS.map(([text]) => (
          <option key={text} value={text}>
            {text}
          </option>
        ))}
      </select>
      <select
        class={controls.select}
        aria-label="View"
        value={panel.as}
        onChange={(event) => change({ as: event.currentTarget.value as PanelState['as'] })}
      >
        <option value="">Chart</option>
        {isAdditive(metric.type, sight.see) && <option value="bars">Bars</option>}
        {isAdditive(metric.type, sight.see) && <option value="lines">Lines</option>}
        <option value="table">Table</option>
      </select>
      <button
        type="button"
        class={controls.button}
        aria-pressed={isComparing.value}
        title="Draws the period before, dashed"
        onClick={() => setParams({ cmp: isComparing.value ? null : '1' })}
      >
        Compare
      </button>
    </>
  );
}
