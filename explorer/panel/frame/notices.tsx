import type { ListedMetric } from '../../api/types.js';
import type { ApiProblem } from '../../api/problem.js';
import { formatAgo } from '../../format/time.js';
import { setParams } from '../../router/location.js';
import { range } from '../../router/view.js';
import controls from '../../style/controls.module.css';
import { changePanel } from './panel-actions.js';
import type { PanelState } from '../panel-state.js';
import styles from '../panel.module.css';

/** Says that there is nothing to show in the range, and offers to remove the filters or to show the day of the last push. */
export function EmptyNotice({ metric, panel, index }: { metric: ListedMetric; panel: PanelState; index: number }) {
  const pushed = metric.lastPushAt === null ? null : Date.parse(metric.lastPushAt);
  const { from } = range.value;
  const showDay = () => {
    const day = new Date(pushed!);
    day.setHours(0, 0, 0, 0);
    const next = new Date(day);
    next.setDate(next.getDate() + 1);
    setParams({ from: day.toISOString(), to: next.getTime() > Date.now() ? null : next.toISOString() });
  };
  if (panel.filters.length > 0) {
    return (
      <p class={styles.notice} role="status">
        Nothing with these filters in this range.
        <button
          type="button"
          class={`${controls.button} ${controls.small}`}
          onClick={() => changePanel(index, { filters: [] })}
        >
          Remove the filters
        </button>
      </p>
    );
  }
  return (
    <p class={styles.notice} role="status">
      Nothing in this range{from.startsWith('-') ? ` (${from.slice(1)})` : ''}.
      {pushed === null ? ' Nothing was pushed yet.' : ` The last push was ${formatAgo(pushed)}.`}
      {pushed !== null && (
        <button type="button" class={`${controls.button} ${controls.small}`} onClick={showDay}>
          Show that day
        </button>
      )}
    </p>
  );
}

/** Says why the server refused a query, and offers the step that the message suggests, if there is one. */
export function StepProblem({ problem, index }: { problem: ApiProblem; index: number }) {
  const [, step] = /step[= ](?:of )?(\d+(?:s|m|h|d|w|mo|q|y)?)\b/.exec(problem.message) ?? [];
  return (
    <p class={`${styles.notice} ${styles.refused}`} role="alert">
      {problem.message}
      {step !== undefined && (
        <button
          type="button"
          class={`${controls.button} ${controls.small}`}
          onClick={() => changePanel(index, { step })}
        >
          Use the step {step}
        </button>
      )}
    </p>
  );
}
