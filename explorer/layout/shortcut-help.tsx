import { useEffect } from 'preact/hooks';
import { reloadAll } from '../api/use-resource.js';
import { Dialog } from '../dialog/dialog.js';
import { changePanel } from '../panel/frame/panel-actions.js';
import { panelsOf } from '../panel/panel-state.js';
import { moveBy } from '../panel/zoom.js';
import { navigate, page, route } from '../router/location.js';
import { hashOfPage } from '../router/route.js';
import { hasShortcuts, isHelpOpen, listenForShortcuts, setShortcuts, SHORTCUTS } from './shortcuts.js';
import styles from './shortcut-help.module.css';

/** Handles the shortcut keys, and lists them in a dialog. */
export function ShortcutHelp() {
  useEffect(
    () =>
      listenForShortcuts((key) => {
        if (key === '?') isHelpOpen.value = true;
        else if (key === '/') search();
        else if (key === 'r') reloadAll();
        else if (key === '[') moveBy(-0.5);
        else if (key === ']') moveBy(0.5);
        else if (key === 't' && page.peek() === 'explore') toggleTable();
        else return false;
        return true;
      }),
    [],
  );
  if (!isHelpOpen.value) return null;
  return (
    <Dialog title="Keys" onClose={() => (isHelpOpen.value = false)}>
      <dl class={styles.keys}>
        {SHORTCUTS.map(({ key, name }) => (
          <div key={key} class={styles.row}>
            <dt>
              <kbd class={styles.key}>{key}</kbd>
            </dt>
            <dd>{name}</dd>
          </div>
        ))}
      </dl>
      <p>
        On a chart, the arrow keys read the values, Shift with the arrow keys selects, Enter zooms in and Escape zooms
        out.
      </p>
      <label class={styles.switch}>
        <input
          type="checkbox"
          checked={hasShortcuts.value}
          onChange={(event) => setShortcuts(event.currentTarget.checked)}
        />
        Use single-key shortcuts
      </label>
    </Dialog>
  );
}

function search(): void {
  if (page.peek() !== 'metrics') navigate(hashOfPage('metrics', route.peek().params));
  setTimeout(focusSearch);
}

function focusSearch(): void {
  document.getElementById('search')?.focus();
}

function toggleTable(): void {
  const [panel] = panelsOf(route.peek().params);
  if (panel !== undefined) changePanel(0, { as: panel.as === 'table' ? '' : 'table' });
}
