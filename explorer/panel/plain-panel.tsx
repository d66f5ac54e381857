import { useMemo, useState } from 'preact/hooks';
import { findMetric } from '../api/metric.js';
import { request } from '../api/requests.js';
import type { ListedMetric, Points } from '../api/types.js';
import { useResource } from '../api/use-resource.js';
import { Breakdown } from '../breakdown/breakdown.js';
import { ChartFigure } from '../chart/figure.js';
import { layersOf } from '../chart/model.js';
import { ProblemNotice } from '../layout/problem-notice.js';
import { usePushVersion } from '../live/pushes.js';
import { isComparing, isLive, range, zoneName } from '../router/view.js';
import controls from '../style/controls.module.css';
import { BigNumber } from './big-number.js';
import { Legend } from './legend.js';
import { EmptyNotice, StepProblem } from './frame/notices.js';
import { PanelControls } from './frame/panel-controls.js';
import { PanelFooter } from './frame/panel-footer.js';
import { PanelHead } from './frame/panel-head.js';
import type { PanelState } from './panel-state.js';
import styles from './panel.module.css';
import { promqlOf, type Promql } from './promql/promql-of.js';
import { requestsOf, stepOf } from './requests.js';
import { sightOf } from './sights.js';
import { summaryOf } from './summary.js';
import { TableView } from './table-view.js';
import { usePushTicks } from './pushes/use-push-ticks.js';
import { useSeriesFacts } from './filter/use-series-facts.js';
import { viewOf } from './view/view-of.js';
import { moveBy, zoomBack, zoomTo } from './zoom.js';

const CHART_HEIGHT = 300;

/** A panel of one metric. */
export function PlainPanel({
  panel,
  index,
  isOnly,
  isPreview = false,
}: {
  panel: PanelState;
  index: number;
  isOnly: boolean;
  /** Whether the panel is only a preview. It is then not in the address, so its options can't be changed. */
  isPreview?: boolean;
}) {
  const metric = useResource(panel.metric, (signal) => findMetric(panel.metric, signal));
  const found = metric.data?.name === panel.metric ? metric.data : null;
  const facts = useSeriesFacts(panel, found);
  const promql = found === null ? null : promqlOf(panel, found, stepOf(panel, found.type, range.value) ?? '', facts);
  return (
    <section class={`${controls.card} ${styles.panel}`} aria-label={panel.metric}>
      <PanelHead panel={panel} index={index} metric={found} promql={promql} isOnly={isOnly} isPreview={isPreview} />
      <ProblemNotice of={metric} />
      {found === null || promql === null ? (
        metric.problem === null && <div class={`${controls.waiting} ${styles.skeleton}`} />
      ) : (
        <Content panel={panel} index={index} metric={found} promql={promql} isPreview={isPreview} />
      )}
    </section>
  );
}

function Content({
  panel,
  index,
  metric,
  promql,
  isPreview,
}: {
  panel: PanelState;
  index: number;
  metric: ListedMetric;
  promql: Promql;
  isPreview: boolean;
}) {
  const { from, to } = range.value;
  const view = { from, to, tz: zoneName.value, isComparing: isComparing.value };
  const requests = requestsOf(panel, metric.type, view);
  const version = usePushVersion(isLive.value ? metric.name : null);
  const answers = useResource(
    JSON.stringify(requests),
    (signal) => Promise.all(requests.map(({ path, query }) => request<Points>(path, { query, signal }))),
    version,
  );
  const sight = sightOf(metric.type, panel.see, panel.by.length > 0);
  const [only, setOnly] = useState<string | null>(null);
  const pushes = usePushTicks(metric, panel.filters, version);

  // Until the new answer arrives, the data belongs to the previous request, so it is drawn with the options of that request.
  const drawn = useMemo(
    () =>
      answers.data === null
        ? null
        : viewOf({
            metric,
            see: sight.see,
            sight: sight.name,
            by: panel.by,
            answers: answers.data,
            isComparing: view.isComparing,
            as: panel.as,
          }),
    [answers.data, view.isComparing, panel.as],
  );
  const isolated = drawn?.model.lines.some(({ key }) => key === only) ? only : null;
  const model = useMemo(() => {
    if (drawn === null) return null;
    const { lines: all, kind } = drawn.model;
    const shown = isolated === null ? all : all.filter(({ key }) => key === isolated);
    const lines = kind === 'bars' && panel.as !== 'table' ? layersOf(shown) : shown;
    return { ...drawn.model, lines, pushes };
  }, [drawn, isolated, pushes, panel.as]);

  const [main] = requests;
  // A counter adds 0 in steps without pushes, so a chart of zeros alone is empty. For a gauge, 0 is a value like any other.
  const isEmpty = drawn !== null && isWithoutValues(drawn.model.lines, drawn.isTotal || sight.see === 'rate');
  return (
    <>
      {!isPreview && <PanelControls panel={panel} index={index} metric={metric} step={answers.data?.[0]?.step ?? ''} />}
      {answers.problem?.status === 400 ? (
        <StepProblem problem={answers.problem} index={index} />
      ) : (
        <ProblemNotice of={answers} />
      )}
      {drawn === null || model === null ? (
        answers.problem === null && <div class={`${controls.waiting} ${styles.skeleton}`} />
      ) : (
        <>
          <BigNumber big={drawn.big} metric={metric} see={sight.see} />
          {isEmpty && <EmptyNotice metric={metric} panel={panel} index={index} />}
          {panel.as === 'table' && <TableView model={model} />}
          {panel.as !== 'table' && model.times.length > 0 && (
            <ChartFigure
              model={model}
              summary={summaryOf(metric, drawn)}
              isLoading={answers.loading && answers.problem === null && version === 0}
              height={CHART_HEIGHT}
              onZoom={zoomTo}
              onReset={zoomBack}
              onMove={moveBy}
            />
          )}
          <Legend view={drawn} panel={panel} index={index} only={isolated} onOnly={setOnly} />
          {answers.data?.[0]?.truncatedBecause !== undefined && (
            <p class={controls.muted}>{answers.data[0].truncatedBecause}</p>
          )}
        </>
      )}
      {main !== undefined && <PanelFooter panel={panel} metric={metric} main={main} promql={promql} />}
      {!isPreview && <Breakdown panel={panel} index={index} metric={metric} />}
    </>
  );
}

function isWithoutValues(lines: readonly { values: (number | null)[] }[], isZeroNone: boolean): boolean {
  return lines.every(({ values }) => values.every((value) => value === null || (isZeroNone && value === 0)));
}
