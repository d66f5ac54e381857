import { useLayoutEffect, useRef } from 'preact/hooks';
import { formatFull, formatNumber } from '../format/number.js';
import { zone } from '../router/view.js';
import { formatStep } from './axes.js';
import styles from './chart.module.css';
import { endOf, isEndedIn, type ChartModel } from './model.js';
import { Swatch } from './swatch.js';

/** The position of the cursor in a plot. */
export interface Hover {
  index: number;
  left: number;
  top: number;
  /** The size of the whole plot. */
  width: number;
  height: number;
  /** Whether the pointer is in this plot, and not in another one that shares its cursor. */
  isHere: boolean;
  /** The value on the number axis at the height of the cursor. */
  value: number;
}

/** Maximum number of lines in the tooltip. More would cover the chart. */
const MOST_LINES = 8;

/** Shows the numbers at the cursor. */
export function Tooltip({ hover, model }: { hover: Hover; model: ChartModel }) {
  const box = useRef<HTMLDivElement>(null);
  const { index, left, top, width, height, isHere } = hover;
  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return;
    // The tooltip is on the side of the cursor with more room. A script sets its position, because the security policy forbids
    // inline styles in markup.
    const isLeft = left > width / 2;
    element.style.left = `${isLeft ? left - element.offsetWidth - 14 : left + 14}px`;
    element.style.top = `${Math.max(4, Math.min(top - element.offsetHeight / 2, height - element.offsetHeight - 4))}px`;
  });
  if (!isHere || index >= model.times.length) return null;
  const lines = model.lines
    .map((line) => ({ line, value: (line.shown ?? line.values)[index] ?? null }))
    .filter(({ line, value }) => value !== null || model.lines.length === 1 || isEndedIn(line, index));
  if (model.kind !== 'heatmap') lines.sort((one, other) => (other.value ?? 0) - (one.value ?? 0));
  const total =
    model.kind === 'bars' && model.lines.length > 1 ? lines.reduce((sum, { value }) => sum + (value ?? 0), 0) : null;
  const cell = cellAt(model, index, hover.value);

  return (
    <div ref={box} class={styles.tooltip} aria-hidden="true">
      <p class={styles.tooltipTime}>
        {formatStep(model.times[index]!, endOf(model, index), zone.value)}
        {model.unfinished[index] && <span> · unfinished</span>}
      </p>
      {cell !== null && (
        <p class={styles.tooltipLine}>
          <span class={styles.tooltipName}>{cell.name}</span>
          <b>{formatFull(cell.count)}</b>
        </p>
      )}
      {lines.slice(0, MOST_LINES).map(({ line, value }) => (
        <p key={line.key} class={styles.tooltipLine}>
          <Swatch slot={line.slot} isPlain={model.kind === 'heatmap'} />
          <span class={styles.tooltipName}>{line.name}</span>
          {line.low !== undefined && value !== null && (
            <span class={styles.tooltipExtra}>
              {formatNumber(line.low[index] ?? null, model.unit)} –{' '}
              {formatNumber(line.high?.[index] ?? null, model.unit)}
            </span>
          )}
          <b>{model.kind === 'bars' ? formatFull(value, model.unit) : formatNumber(value, model.unit)}</b>
          {isEndedIn(line, index) && <span class={styles.tooltipExtra}>ended</span>}
          {line.before !== undefined && (
            <span class={styles.tooltipExtra}>before {formatNumber(line.before[index] ?? null, model.unit)}</span>
          )}
        </p>
      ))}
      {lines.length > MOST_LINES && <p class={styles.tooltipExtra}>and {lines.length - MOST_LINES} more</p>}
      {total !== null && (
        <p class={`${styles.tooltipLine} ${styles.tooltipTotal}`}>
          <span class={styles.tooltipName}>all</span>
          <b>{formatFull(total, model.unit)}</b>
        </p>
      )}
    </div>
  );
}

function cellAt({ heatmap, unit }: ChartModel, index: number, value: number): { name: string; count: number } | null {
  if (heatmap === undefined) return null;
  const row = Math.floor(value);
  const count = heatmap.counts[index]?.[row];
  if (count === undefined) return null;
  const lower = row === 0 ? heatmap.floor : heatmap.bounds[row - 1]!;
  const upper = heatmap.bounds[row]!;
  const name =
    upper === Infinity
      ? `more than ${formatNumber(lower, unit)}`
      : `${formatNumber(lower, unit)} – ${formatNumber(upper, unit)}`;
  return { name, count };
}
