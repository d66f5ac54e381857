import { Plus } from 'lucide';
import { useState } from 'preact/hooks';
import { Icon } from '../../icons/icon.js';
import { addPanel } from '../../panel/frame/panel-actions.js';
import { MOST_PANELS, newPanel, panelsOf } from '../../panel/panel-state.js';
import { PlainPanel } from '../../panel/plain-panel.js';
import { PromqlPanel } from '../../panel/promql/promql-panel.js';
import { route } from '../../router/location.js';
import controls from '../../style/controls.module.css';
import styles from './explore.module.css';
import { EmptyHint } from './empty-hint.js';
import { LinkButtons } from './link-buttons.js';
import { MetricPicker } from './metric-picker.js';

/** The page "Explore": up to twelve panels, which share the range and the cursor. The address contains its whole state. */
export function Explore() {
  const panels = panelsOf(route.value.params);
  const [isPicking, setPicking] = useState(false);
  const canAdd = panels.length < MOST_PANELS;

  return (
    <>
      <h1 class="visually-hidden">Explore</h1>
      {panels.length === 0 && (
        <section class={`${controls.card} ${styles.start}`}>
          <h2>Which metric?</h2>
          <EmptyHint />
          <MetricPicker onChoose={(metric) => addPanel(newPanel({ metric }))} />
          <p class={controls.muted}>
            Or write{' '}
            <button type="button" class={controls.textButton} onClick={() => addPanel(newPanel({ promql: '' }))}>
              PromQL
            </button>
            .
          </p>
        </section>
      )}
      <div class={styles.panels} data-several={panels.length > 1}>
        {panels.map((panel, index) =>
          panel.promql === null ? (
            <PlainPanel key={`${index} ${panel.metric}`} panel={panel} index={index} isOnly={panels.length === 1} />
          ) : (
            <PromqlPanel key={`${index} promql`} panel={panel} index={index} />
          ),
        )}
      </div>
      {panels.length > 0 && (
        <div class={styles.actions}>
          {canAdd && (
            <button
              type="button"
              class={controls.button}
              aria-expanded={isPicking}
              onClick={() => setPicking(!isPicking)}
            >
              <Icon of={Plus} />
              Panel
            </button>
          )}
          {canAdd && (
            <button type="button" class={controls.button} onClick={() => addPanel(newPanel({ promql: '' }))}>
              <Icon of={Plus} />
              PromQL
            </button>
          )}
          <LinkButtons />
          {isPicking && canAdd && (
            <div class={styles.picker}>
              <MetricPicker
                onChoose={(metric) => {
                  setPicking(false);
                  addPanel(newPanel({ metric }));
                }}
              />
            </div>
          )}
        </div>
      )}
    </>
  );
}
