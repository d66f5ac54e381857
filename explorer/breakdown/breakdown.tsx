import { useState } from 'preact/hooks';
import { request } from '../api/requests.js';
import type { Breakdown as Answer, ListedMetric } from '../api/types.js';
import { useResource } from '../api/use-resource.js';
import { ProblemNotice } from '../layout/problem-notice.js';
import { filterParameter } from '../panel/filter/label-filter.js';
import type { PanelState } from '../panel/panel-state.js';
import { range } from '../router/view.js';
import controls from '../style/controls.module.css';
import styles from './breakdown.module.css';
import { BrokenDownLabel } from './broken-down-label.js';

/** Maximum number of labels that are shown before a click, because the charts of each label need a request. */
const OPEN_LABELS = 3;

/** Maximum number of values that the server lists for each label. */
const VALUES = 20;

/**
 * Shows the labels by which a metric differs most. The data of the breakdown is loaded only while it is open. On a wide screen,
 * the breakdown of the first panel is open by default.
 */
export function Breakdown({ panel, index, metric }: { panel: PanelState; index: number; metric: ListedMetric }) {
  const [isOpen, setOpen] = useState(index === 0 && matchMedia('(min-width: 701px)').matches);
  const [shown, setShown] = useState(OPEN_LABELS);
  const { from, to } = range.value;
  const query = { metric: metric.name, label: panel.filters.map(filterParameter), from, to, values: VALUES };
  const answer = useResource(isOpen ? JSON.stringify(query) : null, (signal) =>
    request<Answer>('/api/history/breakdown', { query, signal }),
  );
  // A label with a single value shows no differences, so it is left out. It has no score, but the score alone is not enough to
  // recognize it, because a label with more than 100 values has none either and is shown.
  const labels = (answer.data?.labels ?? []).filter(({ valuesTotal, score }) => score !== null || valuesTotal > 1);

  return (
    <details class={styles.breakdown} open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary class={styles.summary}>Differs most by</summary>
      <ProblemNotice of={answer} />
      {answer.data === null && answer.problem === null && <div class={`${controls.waiting} ${styles.skeleton}`} />}
      {answer.data !== null && labels.length === 0 && (
        <p class={styles.none}>
          {answer.data.labelsTotal === 0 && panel.filters.length > 0
            ? 'Nothing in this range matches the filters.'
            : answer.data.labelsTotal === 0
              ? 'This metric has no labels. Push it with labels, such as country, to compare their values here.'
              : 'No label has more than one value in this range.'}
        </p>
      )}
      {labels.slice(0, shown).map((label) => (
        <BrokenDownLabel
          key={label.name}
          label={label}
          panel={panel}
          index={index}
          metric={metric}
          measure={answer.data!.measure}
        />
      ))}
      {labels.length > shown && (
        <button type="button" class={`${controls.textButton} ${styles.more}`} onClick={() => setShown(labels.length)}>
          {labels.length - shown} more {labels.length - shown === 1 ? 'label' : 'labels'}
        </button>
      )}
    </details>
  );
}
