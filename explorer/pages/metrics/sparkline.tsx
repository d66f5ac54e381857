import type { Sparkline as Values } from '../../api/types.js';
import controls from '../../style/controls.module.css';
import styles from './metrics.module.css';

const WIDTH = 240;
const HEIGHT = 48;

/** Draws a small chart of a metric, with bars for increases and a line for values. */
export function Sparkline({ of, tall = false }: { of: Values | null; tall?: boolean }) {
  const className = `${styles.sparkline} ${tall ? styles.tall : ''}`;
  const values = of?.values;
  if (of === null) return <span class={`${className} ${controls.waiting}`} />;
  if (values === undefined || values.every((value) => value === null || value === 0)) {
    return (
      <svg class={className} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
        <line x1="0" x2={WIDTH} y1={HEIGHT - 1} y2={HEIGHT - 1} stroke="var(--border)" stroke-width="2" />
      </svg>
    );
  }
  return (
    <svg class={className} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
      {of.measure === 'increase' ? <Bars values={values} /> : <Curve values={values} />}
    </svg>
  );
}

function Bars({ values }: { values: readonly (number | null)[] }) {
  const largest = Math.max(...values.map((value) => value ?? 0));
  const slot = WIDTH / values.length;
  return (
    <g fill="var(--line-1)">
      {values.map((value, index) => {
        if (value === null || value <= 0 || largest <= 0) return null;
        const height = Math.max(2, (value / largest) * HEIGHT);
        return <rect x={index * slot} y={HEIGHT - height} width={Math.max(slot * 0.72, 1)} height={height} />;
      })}
    </g>
  );
}

function Curve({ values }: { values: readonly (number | null)[] }) {
  const numbers = values.filter((value) => value !== null);
  const lowest = Math.min(...numbers);
  const largest = Math.max(...numbers);
  const span = largest - lowest || 1;
  const slot = WIDTH / Math.max(values.length - 1, 1);
  const y = (value: number) => HEIGHT - 4 - ((value - lowest) / span) * (HEIGHT - 8);
  let path = '';
  let isPenDown = false;
  for (const [index, value] of values.entries()) {
    if (value === null) {
      isPenDown = false;
      continue;
    }
    path += `${isPenDown ? 'L' : 'M'}${(index * slot).toFixed(1)} ${y(value).toFixed(1)}`;
    // A single point is drawn as a short line, because a line without a length would be invisible.
    if (!isPenDown && (values[index + 1] ?? null) === null) path += `h${Math.max(slot, 2)}`;
    isPenDown = true;
  }
  return (
    <path
      d={path}
      fill="none"
      stroke="var(--line-1)"
      stroke-width="2"
      vector-effect="non-scaling-stroke"
      stroke-linejoin="round"
    />
  );
}
