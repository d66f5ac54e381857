import type { Sparkline as Values } from '../../api/types.js';
import { SmallChart } from '../../chart/small-chart.js';
import controls from '../../style/controls.module.css';
import styles from './metrics.module.css';

/** Draws a small chart of a metric, with bars for increases and a line for values. */
export function Sparkline({ of, tall = false }: { of: Values | null; tall?: boolean }) {
  const className = `${styles.sparkline} ${tall ? styles.tall : ''}`;
  if (of === null) return <span class={`${className} ${controls.waiting}`} />;
  const numbers = of.values?.filter((value) => value !== null) ?? [];
  const isEmpty = numbers.every((value) => value === 0);
  const isBars = isEmpty || of.measure === 'increase';
  return (
    <SmallChart
      className={className}
      values={isEmpty ? [] : of.values!}
      isBars={isBars}
      low={isBars ? 0 : Math.min(...numbers)}
      high={Math.max(isBars ? 0 : -Infinity, ...numbers)}
    />
  );
}
