import { X } from 'lucide';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { addressOf, request } from '../../api/requests.js';
import { useResource } from '../../api/use-resource.js';
import { ChartFigure } from '../../chart/figure.js';
import { CopyButton } from '../../dialog/copy-button.js';
import { PromqlEditor } from '../../editor/promql-editor.js';
import { Icon } from '../../icons/icon.js';
import { ProblemNotice } from '../../layout/problem-notice.js';
import { usePushVersion } from '../../live/pushes.js';
import { isLive, range, zone } from '../../router/view.js';
import { formatTime } from '../../format/time.js';
import controls from '../../style/controls.module.css';
import { curlOf } from '../links.js';
import { changePanel, removePanel } from '../frame/panel-actions.js';
import type { PanelState } from '../panel-state.js';
import styles from '../panel.module.css';
import { PromqlLegend } from './promql-legend.js';
import { modelOfMatrix, resultRows, type PromqlData } from './promql-result.js';
import { momentOf } from '../step.js';
import { TableView } from '../table-view.js';
import { moveBy, zoomBack, zoomTo } from '../zoom.js';

/** Approximate maximum number of points in a line. */
const POINTS = 300;
const CHART_HEIGHT = 300;
const TYPING_MS = 500;

/** A panel for a PromQL query, with an editor and the result as a chart or a table. */
export function PromqlPanel({ panel, index }: { panel: PanelState; index: number }) {
  const query = panel.promql ?? '';
  const [typed, setTyped] = useState(query);
  // The text to show when the address changes for a reason other than typing, such as the browser's Back button. Typed text is
  // written to the address but never read back from it, because the field may contain newer text by then.
  const [given, setGiven] = useState(query);
  const sent = useRef(query);
  useEffect(() => {
    if (query === sent.current) return;
    sent.current = query;
    setTyped(query);
    setGiven(query);
  }, [query]);
  useEffect(() => {
    if (typed === sent.current) return undefined;
    const timer = setTimeout(() => {
      sent.current = typed;
      changePanel(index, { promql: typed }, { replace: true });
    }, TYPING_MS);
    return () => clearTimeout(timer);
  }, [typed]);

  return (
    <section class={`${controls.card} ${styles.panel}`} aria-label="PromQL">
      <header class={styles.head}>
        <div class={styles.names}>
          <h2 class={styles.name}>PromQL</h2>
        </div>
        <button
          type="button"
          class={controls.button}
          aria-pressed={panel.instant}
          title="Shows the values of one moment"
          onClick={() => changePanel(index, { instant: !panel.instant })}
        >
          Now only
        </button>
        <button
          type="button"
          class={controls.button}
          aria-pressed={panel.as === 'table'}
          onClick={() => changePanel(index, { as: panel.as === 'table' ? '' : 'table' })}
        >
          Table
        </button>
        <button
          type="button"
          class={`${controls.button} ${controls.icon} ${controls.quiet}`}
          aria-label="Close the panel"
          title="Close"
          onClick={() => removePanel(index)}
        >
          <Icon of={X} />
        </button>
      </header>
      <PromqlEditor given={given} onChange={setTyped} />
      {query.trim() !== '' && <Result panel={panel} query={query} />}
    </section>
  );
}

function Result({ panel, query }: { panel: PanelState; query: string }) {
  const { from, to } = range.value;
  const version = usePushVersion(isLive.value ? null : '');
  const now = useMemo(() => Date.now() / 1000, [query, from, to, version, panel.instant]);
  const start = momentOf(from, now) ?? now - 86_400;
  const end = momentOf(to, now) ?? now;
  const step = Math.max(15, Math.ceil((end - start) / POINTS));
  const path = panel.instant ? '/api/v1/query' : '/api/v1/query_range';
  const parameters = panel.instant
    ? { query, time: end }
    : { query, start: Math.floor(start / step) * step, end: Math.ceil(end / step) * step, step };
  const answer = useResource(
    JSON.stringify([query, from, to, panel.instant]),
    (signal) => request<{ data: PromqlData }>(path, { query: parameters, signal }),
    version,
  );
  const data = answer.data?.data ?? null;
  const chart = useMemo(() => (data?.resultType === 'matrix' ? modelOfMatrix(data.result, step) : null), [data]);
  const rows = data === null ? [] : resultRows(data);
  return (
    <>
      <ProblemNotice of={answer} />
      {data === null && answer.problem === null && <div class={`${controls.waiting} ${styles.skeleton}`} />}
      {data !== null && rows.length === 0 && <p class={styles.notice}>The query has no result in this range.</p>}
      {chart !== null && chart.model.lines.length > 0 && panel.as !== 'table' && (
        <ChartFigure
          model={chart.model}
          summary={`PromQL ${query}: ${chart.model.lines.length} lines.`}
          isLoading={answer.loading}
          height={CHART_HEIGHT}
          onZoom={zoomTo}
          onReset={zoomBack}
          onMove={moveBy}
        />
      )}
      {chart !== null && panel.as !== 'table' && <PromqlLegend model={chart.model} />}
      {chart !== null && chart.left > 0 && (
        <p class={styles.cut}>
          {chart.model.lines.length} of {(chart.model.lines.length + chart.left).toLocaleString('en')} lines are drawn.
        </p>
      )}
      {chart !== null && panel.as === 'table' && chart.model.lines.length > 0 && <TableView model={chart.model} />}
      {(panel.instant || data?.resultType === 'vector') && rows.length > 0 && (
        <div class={styles.tableBox} tabIndex={0} role="group" aria-label="Values">
          <table class={styles.table}>
            <thead>
              <tr>
                <th scope="col">Series</th>
                <th scope="col">Value</th>
              </tr>
            </thead>
            <tbody>
              {rows.slice(0, 500).map(({ name, value }) => (
                <tr key={name}>
                  <th scope="row">{name}</th>
                  <td>{value}</td>
                </tr>
              ))}
            </tbody>
          </table>
          <p class={styles.cut}>At {formatTime(end * 1000, zone.value)}</p>
        </div>
      )}
      <footer class={styles.footer}>
        <CopyButton label="PromQL" isQuiet text={query} />
        <CopyButton label="curl" isQuiet text={() => curlOf(addressOf(path, parameters))} />
      </footer>
    </>
  );
}
