import { Ban, Filter } from 'lucide';
import { layersOf } from '../chart/model.js';
import { Swatch } from '../chart/swatch.js';
import { formatChange, formatFull, formatNumber } from '../format/number.js';
import { Icon } from '../icons/icon.js';
import controls from '../style/controls.module.css';
import { filterText, type LabelFilter } from './filter/label-filter.js';
import { addFilters } from './frame/panel-actions.js';
import type { PanelState } from './panel-state.js';
import styles from './panel.module.css';
import { sumOf, type LegendRow, type PanelView } from './view/panel-view.js';

/** The table below a chart of several lines, with their numbers, shares and changes. A click shows one line alone. */
export function Legend({
  view,
  panel,
  index,
  only,
  onOnly,
}: {
  view: PanelView;
  panel: PanelState;
  index: number;
  only: string | null;
  onOnly: (key: string | null) => void;
}) {
  const { rows, isTotal, valueName, linesTotal, model } = view;
  if (rows.length <= 1) return null;
  const total = isTotal ? sumOf(rows.map(({ value }) => value)) : null;
  const hasBefore = rows.some(({ before }) => before !== null);
  const layers = new Set(
    model.kind === 'bars' ? layersOf(model.lines).map(({ key }) => key) : rows.map(({ key }) => key),
  );
  // Totals are written in full, so the heading can name their unit once for all rows.
  const unit = isTotal && model.unit ? ` (${model.unit.slice(0, 30)})` : '';
  const own = rows.filter(({ others }) => others === null).length;
  return (
    <>
      <div class={styles.legendBox}>
        <table class={styles.legend}>
          <thead>
            <tr>
              <th scope="col">{panel.by.join(' · ') || 'Line'}</th>
              <th scope="col">{valueName + unit}</th>
              {isTotal && <th scope="col">Share</th>}
              {!isTotal && <th scope="col">Lowest</th>}
              {!isTotal && <th scope="col">Highest</th>}
              {hasBefore && <th scope="col">Change</th>}
              {panel.by.length > 0 && (
                <th scope="col">
                  <span class="visually-hidden">Filter</span>
                </th>
              )}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.key} data-faded={only !== null && only !== row.key}>
                <th scope="row">
                  <button
                    type="button"
                    class={styles.legendName}
                    aria-pressed={only === row.key}
                    title={only === row.key ? 'Show all lines' : 'Show only this line'}
                    onClick={() => onOnly(only === row.key ? null : row.key)}
                  >
                    <Swatch slot={layers.has(row.key) ? row.slot : null} isPlain={model.kind === 'heatmap'} />
                    <span class={styles.legendText}>{row.name}</span>
                  </button>
                </th>
                <td title={formatFull(row.value, model.unit)}>
                  {isTotal ? formatFull(row.value) : formatNumber(row.value, model.unit)}
                </td>
                {isTotal && <td>{total ? <Share of={(row.value ?? 0) / total} /> : '–'}</td>}
                {!isTotal && <td>{formatNumber(row.lowest, model.unit)}</td>}
                {!isTotal && <td>{formatNumber(row.highest, model.unit)}</td>}
                {hasBefore && <td>{changeOf(row)}</td>}
                {panel.by.length > 0 && (
                  <td class={styles.legendActions}>
                    {row.others === null && <RowFilters row={row} by={panel.by} index={index} />}
                  </td>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {linesTotal !== null && linesTotal > own && (
        <p class={styles.cut}>
          {own} of {linesTotal.toLocaleString('en')} lines are shown. The others are combined in one.
        </p>
      )}
    </>
  );
}

/**
 * Buttons that filter by a line, or exclude it. Filters can't exclude a combination of values, so a line that is grouped by
 * several labels has no button to exclude it.
 */
function RowFilters({ row, by, index }: { row: LegendRow; by: readonly string[]; index: number }) {
  const filters = by.map((label): LabelFilter => ({ label, value: row.labels[label] ?? '', isExcluded: false }));
  const [first] = filters;
  return (
    <>
      <button
        type="button"
        class={`${controls.action} ${styles.legendAction}`}
        aria-label={`Only ${row.name}`}
        title={`Filter: ${filters.map(filterText).join(', ').slice(0, 300)}`}
        onClick={() => addFilters(index, ...filters)}
      >
        <Icon of={Filter} size={14} />
      </button>
      {first !== undefined && filters.length === 1 && (
        <button
          type="button"
          class={`${controls.action} ${styles.legendAction}`}
          aria-label={`Without ${row.name}`}
          title={`Exclude: ${filterText({ ...first, isExcluded: true }).slice(0, 300)}`}
          onClick={() => addFilters(index, { ...first, isExcluded: true })}
        >
          <Icon of={Ban} size={14} />
        </button>
      )}
    </>
  );
}

function Share({ of }: { of: number }) {
  const percent = Math.round(of * 1000) / 10;
  return (
    <span class={styles.share}>
      <svg width="56" height="6" aria-hidden="true">
        <rect width="56" height="6" rx="3" fill="var(--sunken)" />
        <rect width={Math.max(0, Math.min(1, of)) * 56} height="6" rx="3" fill="var(--border-strong)" />
      </svg>
      <span class={styles.percent}>
        {percent >= 10 ? Math.round(percent) : percent === 0 && of > 0 ? '<0.1' : percent}%
      </span>
    </span>
  );
}

function changeOf({ value, before }: LegendRow): string {
  const change = formatChange(value, before);
  if (change !== null) return change;
  return value !== null && value !== 0 && !before ? 'new' : '–';
}
