import { Download, List, Trash2 } from 'lucide';
import { useState } from 'preact/hooks';
import { addressOf, send } from '../../api/requests.js';
import type { ListedMetric } from '../../api/types.js';
import { CopyButton } from '../../dialog/copy-button.js';
import { Icon } from '../../icons/icon.js';
import { scopes } from '../../session/session.js';
import controls from '../../style/controls.module.css';
import { curlOf } from '../links.js';
import type { PanelState } from '../panel-state.js';
import styles from '../panel.module.css';
import type { Promql } from '../promql/promql-of.js';
import { PushesDialog } from '../pushes/pushes-dialog.js';
import { RemoveDialog } from './remove-dialog.js';
import type { PanelRequest } from '../requests.js';

/** The footer of a panel, with its PromQL, its curl command, its CSV, its newest pushes and a button to remove the metric. */
export function PanelFooter({
  panel,
  metric,
  main,
  promql,
}: {
  panel: PanelState;
  metric: ListedMetric;
  main: PanelRequest;
  promql: Promql;
}) {
  const [open, setOpen] = useState<'pushes' | 'remove' | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const quiet = `${controls.button} ${controls.small} ${controls.quiet}`;
  return (
    <footer class={styles.footer}>
      {promql.query !== undefined && <CopyButton label="PromQL" isQuiet text={promql.query} />}
      <CopyButton label="curl" isQuiet text={() => curlOf(addressOf(main.path, main.query))} />
      <button
        type="button"
        class={quiet}
        onClick={() => {
          setProblem(null);
          download(main, metric.name).catch((error: Error) => setProblem(error.message));
        }}
      >
        <Icon of={Download} size={14} />
        CSV
      </button>
      <button type="button" class={quiet} onClick={() => setOpen('pushes')}>
        <Icon of={List} size={14} />
        Newest pushes
      </button>
      {scopes.value.includes('admin') && (
        <button type="button" class={`${quiet} ${styles.remove}`} onClick={() => setOpen('remove')}>
          <Icon of={Trash2} size={14} />
          Remove
        </button>
      )}
      {promql.reason !== undefined && <p class={styles.cut}>There is no equivalent PromQL. {promql.reason}</p>}
      {problem !== null && <span role="alert">{problem}</span>}
      {open === 'pushes' && <PushesDialog panel={panel} metric={metric} onClose={() => setOpen(null)} />}
      {open === 'remove' && <RemoveDialog metric={metric} onClose={() => setOpen(null)} />}
    </footer>
  );
}

/** Saves the CSV of the server as a file. A plain link would not work, because it sends no secret. */
async function download({ path, query }: PanelRequest, metric: string): Promise<void> {
  const answer = await send(path, { query: { ...query, format: 'csv' } });
  const [, name] = /filename="?([^";]+)/.exec(answer.headers.get('Content-Disposition') ?? '') ?? [];
  const address = URL.createObjectURL(await answer.blob());
  const link = document.createElement('a');
  link.href = address;
  link.download = name ?? `${metric}.csv`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
