import type { ListedMetric } from '../api/types.js';
import { formatChange, formatFull, formatNumber } from '../format/number.js';
import { formatAgo, formatTime } from '../format/time.js';
import { zone } from '../router/view.js';
import styles from './panel.module.css';
import { nameOfRange } from './range-name.js';
import type { BigNumber as Big } from './view/panel-view.js';

/** The main figure of a panel in large type, with its change since the previous period. */
export function BigNumber({ big, metric, see }: { big: Big; metric: ListedMetric; see: string }) {
  const { value, before, name, more, isComparable } = big;
  const change = isComparable ? formatChange(value, before) : null;
  const period = nameOfRange();
  const isWhole = see === 'increase' || see === 'count';
  const unit = see === 'count' ? null : metric.unit;
  const lastPush = metric.lastPushAt === null ? null : Date.parse(metric.lastPushAt);
  const direction = change === null || value === before ? 'same' : (value ?? 0) > (before ?? 0) ? 'up' : 'down';
  return (
    <p class={styles.big}>
      <span class={styles.bigValue} title={formatFull(value, unit)} tabIndex={0}>
        {isWhole && value !== null && Math.abs(value) < 1e6 ? formatFull(value, unit) : formatNumber(value, unit)}
      </span>
      <span class={styles.bigName}>
        {name}
        {isWhole && ` in ${period}`}
        {more !== undefined && ` · ${more}`}
      </span>
      {change !== null && (
        <span class={styles.bigChange} data-direction={direction}>
          {direction === 'up' ? '▲ ' : direction === 'down' ? '▼ ' : ''}
          {change} compared with the {period} before ({formatNumber(before, unit)})
        </span>
      )}
      {change === null && isComparable && value !== null && value !== 0 && !before && (
        <span class={styles.bigChange}>nothing in the {period} before</span>
      )}
      {lastPush !== null && (
        <span class={styles.bigName} title={formatTime(lastPush, zone.value)}>
          last push {formatAgo(lastPush)}
        </span>
      )}
    </p>
  );
}
