import { Ban } from 'lucide';
import { request } from '../api/requests.js';
import type { Breakdown, ListedMetric, Points } from '../api/types.js';
import { useResource } from '../api/use-resource.js';
import { SmallChart } from '../chart/small-chart.js';
import { formatChange, formatNumber } from '../format/number.js';
import { shortUnit } from '../format/unit.js';
import { Icon } from '../icons/icon.js';
import { filterParameter, filterText, nameParameter, type LabelFilter } from '../panel/filter/label-filter.js';
import { addFilters, changePanel } from '../panel/frame/panel-actions.js';
import type { PanelState } from '../panel/panel-state.js';
import { percentilesByValue } from '../panel/view/histogram-view.js';
import { lengthOf, stepFor } from '../panel/step.js';
import { ValueSearch } from '../panel/filter/value-search.js';
import { range, zoneName } from '../router/view.js';
import controls from '../style/controls.module.css';
import styles from './breakdown.module.css';

/** Maximum number of values that are shown: for most labels, and for labels with more than {@link MOST_VALUES} values. */
const SHOWN = 6;
const SHOWN_OF_MANY = 20;

type Label = Breakdown['labels'][number];

/** Maximum number of points in a small chart. */
const POINTS = 30;

/**
 * A label with more values than this gets no score from the server, because chance alone would make some of its values differ.
 */
const MOST_VALUES = 100;

/** Shows a label with small charts of its largest values. All charts have the same scale. */
export function BrokenDownLabel({
  label,
  panel,
  index,
  metric,
  measure,
}: {
  label: Label;
  panel: PanelState;
  index: number;
  metric: ListedMetric;
  measure: Breakdown['measure'];
}) {
  const isGrouped = panel.by.length === 1 && panel.by[0] === label.name;
  const hasMany = label.valuesTotal > MOST_VALUES;
  const values = label.values.slice(0, hasMany ? SHOWN_OF_MANY : SHOWN);
  const filterOf = ({ value }: Label['values'][number], isExcluded = false): LabelFilter => ({
    label: label.name,
    value,
    isExcluded,
  });
  const curves = useCurves(
    label.name,
    values.map((value) => filterOf(value)),
    { panel, metric, measure },
  );
  const most = Math.max(0, ...[...curves.values()].flat().map((value) => value ?? 0));
  return (
    <section class={styles.label} aria-label={label.name}>
      <header class={styles.head}>
        <button
          type="button"
          class={styles.name}
          aria-pressed={isGrouped}
          title={isGrouped ? 'Show all together' : `Group by ${label.name}`}
          onClick={() => changePanel(index, { by: isGrouped ? [] : [label.name] })}
        >
          {label.name}
        </button>
        {label.score !== null && <span class={styles.score}>score {label.score.toFixed(2)}</span>}
        <span class={styles.score}>
          {label.valuesTotal.toLocaleString('en')} values
          {label.newTotal > 0 && `, ${label.newTotal.toLocaleString('en')} new`}
          {label.vanishedTotal > 0 && `, ${label.vanishedTotal.toLocaleString('en')} vanished`}
        </span>
        {hasMany && <span class={styles.score}>too many to compare; these are the largest</span>}
      </header>
      {hasMany && (
        <div class={styles.search}>
          <ValueSearch
            metric={metric}
            label={label.name}
            filters={panel.filters}
            onChoose={(value) => addFilters(index, { label: label.name, value, isExcluded: false })}
          />
        </div>
      )}
      <ul class={styles.values}>
        {values.map((value) => (
          <li key={value.value} class={styles.item}>
            <button
              type="button"
              class={styles.value}
              title={`Filter: ${filterText(filterOf(value)).slice(0, 300)}`}
              onClick={() => addFilters(index, filterOf(value))}
            >
              <span class={styles.valueName}>{value.value === '' ? '(none)' : value.value}</span>
              <SmallChart
                className={styles.chart}
                values={curves.get(value.value) ?? []}
                isBars={measure === 'increase'}
                high={most}
              />
              <span class={styles.numbers}>
                <b title={formatNumber(value.now, metric.unit)}>{formatNumber(value.now, shortUnit(metric.unit))}</b>
                <span class={styles.change} data-state={value.state}>
                  {value.state ?? formatChange(value.now, value.before) ?? ''}
                </span>
              </span>
            </button>
            <button
              type="button"
              class={`${controls.action} ${styles.exclude}`}
              aria-label={`Without ${value.value === '' ? '(none)' : value.value}`}
              title={`Exclude: ${filterText(filterOf(value, true)).slice(0, 300)}`}
              onClick={() => addFilters(index, filterOf(value, true))}
            >
              <Icon of={Ban} size={14} />
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Requests the points of each of the given label values over time, and returns them by value. */
function useCurves(
  label: string,
  values: readonly LabelFilter[],
  { panel, metric, measure }: { panel: PanelState; metric: ListedMetric; measure: Breakdown['measure'] },
): Map<string, (number | null)[]> {
  const { from, to } = range.value;
  const length = lengthOf(range.value);
  const isHistogram = metric.type === 'histogram';
  // Filters for values of the same label are alternatives, so these filters would add their values to those that the panel's
  // filters select.
  const isChosen = panel.filters.some((filter) => filter.label === label && !filter.isExcluded);
  const filters = isChosen ? panel.filters : [...panel.filters, ...values];
  const query = {
    metric: isHistogram ? `${metric.name}_bucket` : metric.name,
    aggregate: isHistogram ? 'increase' : measure,
    label: filters.map(filterParameter),
    groupBy: [...(isHistogram ? ['le'] : []), nameParameter(label)].join(','),
    from,
    to,
    step: length === null ? null : stepFor(length, POINTS),
    tz: zoneName.value,
  };
  const answer = useResource(JSON.stringify(query), (signal) =>
    request<Points>('/api/history/query', { query, signal }),
  );
  if (isHistogram) return percentilesByValue(answer.data?.series ?? [], label);
  const curves = new Map<string, (number | null)[]>();
  for (const { labels, others, points } of answer.data?.series ?? []) {
    const value = labels[label] ?? '';
    if (others === undefined)
      curves.set(
        value,
        points.map((point) => point.value ?? null),
      );
  }
  return curves;
}
