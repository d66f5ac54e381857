import type { ChartModel } from '../../chart/model.js';
import { Swatch } from '../../chart/swatch.js';
import { formatFull, formatNumber } from '../../format/number.js';
import styles from '../panel.module.css';
import { lastOf } from '../view/panel-view.js';

/** Names the lines of a PromQL chart, with the last value of each. A chart of one line needs no names. */
export function PromqlLegend({ model: { lines, unit } }: { model: ChartModel }) {
  if (lines.length <= 1) return null;
  return (
    <ul class={styles.lines} aria-label="Lines">
      {lines.map(({ key, name, slot, values }) => (
        <li key={key} class={styles.line}>
          <Swatch slot={slot} />
          <span class={styles.lineName} title={name}>
            {name}
          </span>
          <span title={formatFull(lastOf(values), unit)}>{formatNumber(lastOf(values), unit)}</span>
        </li>
      ))}
    </ul>
  );
}
