import { request } from '../../api/requests.js';
import type { ListedMetric, SamplesPage } from '../../api/types.js';
import { useResource } from '../../api/use-resource.js';
import { Dialog } from '../../dialog/dialog.js';
import { formatFull } from '../../format/number.js';
import { formatAgo, formatTime } from '../../format/time.js';
import { ProblemNotice } from '../../layout/problem-notice.js';
import { range, zone } from '../../router/view.js';
import { filterParameter } from '../filter/label-filter.js';
import type { PanelState } from '../panel-state.js';
import styles from '../panel.module.css';

const NEWEST = 100;

/** Lists the newest samples of a metric, exactly as they were pushed. */
export function PushesDialog({
  panel,
  metric,
  onClose,
}: {
  panel: PanelState;
  metric: ListedMetric;
  onClose: () => void;
}) {
  const { from, to } = range.value;
  const name = metric.type === 'histogram' ? `${metric.name}_count` : metric.name;
  const query = { metric: name, label: panel.filters.map(filterParameter), from, to, order: 'desc', limit: NEWEST };
  const samples = useResource(JSON.stringify(query), (signal) =>
    request<SamplesPage>('/api/history/samples', { query, signal }),
  );
  const list = samples.data?.samples ?? [];
  return (
    <Dialog title={`Newest pushes of ${name}`} onClose={onClose} isWide>
      <ProblemNotice of={samples} />
      {samples.data !== null && list.length === 0 && <p>Nothing was pushed in the range.</p>}
      {list.length > 0 && (
        <div class={styles.tableBox} tabIndex={0} role="group" aria-label="Pushes">
          <table class={styles.table}>
            <thead>
              <tr>
                <th scope="col">Time</th>
                <th scope="col">Labels</th>
                <th scope="col">Value</th>
              </tr>
            </thead>
            <tbody>
              {list.map(({ at, labels, value, seriesId }, index) => (
                <tr key={`${seriesId} ${at} ${index}`}>
                  <th scope="row" title={formatTime(Date.parse(at), zone.value)}>
                    {formatTime(Date.parse(at), zone.value)} <span class={styles.cut}>{formatAgo(Date.parse(at))}</span>
                  </th>
                  <td class={styles.labelsCell}>{labelsText(labels)}</td>
                  <td>{value === null ? 'stale' : typeof value === 'number' ? formatFull(value) : value}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {samples.data?.nextCursor != null && <p class={styles.cut}>These are the newest {NEWEST}.</p>}
    </Dialog>
  );
}

function labelsText(labels: Record<string, string>): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(', ');
}
