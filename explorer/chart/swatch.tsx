import styles from './chart.module.css';
import { COLOURS } from './line-slots.js';
import { dashOf } from './drawing/paint.js';

/** A sample of a line, with its colour and dashes, for the legend and the tooltip. */
export function Swatch({ slot, isPlain = false }: { slot: number | null; isPlain?: boolean }) {
  const colour = isPlain ? 'var(--line-2)' : slot === null ? 'var(--others)' : `var(--line-${(slot % COLOURS) + 1})`;
  return (
    <svg class={styles.swatch} width="18" height="10" viewBox="0 0 18 10" aria-hidden="true">
      <line
        x1="1"
        x2="17"
        y1="5"
        y2="5"
        stroke={colour}
        stroke-width="4"
        stroke-dasharray={dashOf(slot).join(' ') || undefined}
      />
    </svg>
  );
}
