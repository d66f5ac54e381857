import { ArrowLeft, Code, Star, X } from 'lucide';
import type { ListedMetric } from '../../api/types.js';
import { Icon } from '../../icons/icon.js';
import { favourites, toggleFavourite } from '../../favourites/favourites.js';
import { route } from '../../router/location.js';
import { hashOfPage } from '../../router/route.js';
import controls from '../../style/controls.module.css';
import { addPanel, removePanel } from './panel-actions.js';
import { newPanel, type PanelState } from '../panel-state.js';
import styles from '../panel.module.css';
import type { Promql } from '../promql/promql-of.js';

/** The heading of a panel, with the name and the description of its metric. */
export function PanelHead({
  panel,
  index,
  metric,
  promql,
  isOnly,
  isPreview,
}: {
  panel: PanelState;
  index: number;
  metric: ListedMetric | null;
  /** The equivalent PromQL, or null if it is not known yet. */
  promql: Promql | null;
  isOnly: boolean;
  isPreview: boolean;
}) {
  const isMarked = favourites.value.has(panel.metric);
  return (
    <header class={styles.head}>
      {isOnly && !isPreview && (
        <a
          class={`${controls.button} ${controls.icon} ${controls.quiet}`}
          href={hashOfPage('metrics', route.value.params)}
          aria-label="All metrics"
          title="All metrics"
        >
          <Icon of={ArrowLeft} />
        </a>
      )}
      <div class={styles.names}>
        <h2 class={styles.name}>
          {panel.metric}
          {metric !== null && <span class={controls.badge}>{metric.type}</span>}
          {metric !== null && <span class={controls.badge}>{metric.seriesCount.toLocaleString('en')} series</span>}
        </h2>
        {metric?.help && <p class={styles.help}>{metric.help.slice(0, 500)}</p>}
      </div>
      <button
        type="button"
        class={`${controls.button} ${controls.icon} ${controls.quiet} ${styles.star}`}
        aria-pressed={isMarked}
        aria-label={`Favourite: ${panel.metric}`}
        title="Favourite"
        onClick={() => toggleFavourite(panel.metric)}
      >
        <Icon of={Star} />
      </button>
      {promql !== null && !isPreview && (
        <button
          type="button"
          class={`${controls.button} ${controls.quiet}`}
          title={promql.reason ?? 'Opens a panel with the PromQL of this one'}
          disabled={promql.query === undefined}
          onClick={() => addPanel(newPanel({ promql: promql.query ?? '' }))}
        >
          <Icon of={Code} />
          <span class={styles.wideOnly}>Edit as PromQL</span>
        </button>
      )}
      {!isOnly && (
        <button
          type="button"
          class={`${controls.button} ${controls.icon} ${controls.quiet}`}
          aria-label={`Close the panel of ${panel.metric}`}
          title="Close"
          onClick={() => removePanel(index)}
        >
          <Icon of={X} />
        </button>
      )}
    </header>
  );
}
