import { COLOURS } from '../line-slots.js';

/** The colours of a chart. A canvas can't read CSS variables itself. */
export interface Paint {
  lines: readonly string[];
  others: string;
  text: string;
  muted: string;
  grid: string;
  surface: string;
  accent: string;
}

/** Reads the colours of the current theme. */
export function readPaint(): Paint {
  const probe = document.createElement('span');
  document.body.append(probe);
  // A custom property contains the colours of both themes. Only a standard property, such as `color`, resolves to the colour of
  // the current theme.
  const read = (name: string) => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const paint: Paint = {
    lines: Array.from({ length: COLOURS }, (_, index) => read(`line-${index + 1}`)),
    others: read('others'),
    text: read('text'),
    muted: read('muted'),
    grid: read('grid'),
    surface: read('surface'),
    accent: read('accent'),
  };
  probe.remove();
  return paint;
}

/** Returns the colour of a line with the given slot. A line without a slot has a neutral colour. */
export function colourOf(paint: Paint, slot: number | null): string {
  return slot === null ? paint.others : paint.lines[slot % COLOURS]!;
}

/**
 * The dash patterns, one for each round of six lines. Only the first six lines are solid, because people could not tell more than
 * six colours apart.
 */
const DASHES: readonly (readonly number[])[] = [[], [8, 4], [2, 3], [12, 3, 2, 3]];

/** Returns the dash pattern of a line with the given slot. A line without a slot is always dashed. */
export function dashOf(slot: number | null): number[] {
  return slot === null ? [3, 3] : [...DASHES[Math.floor(slot / COLOURS) % DASHES.length]!];
}

/** Returns a colour with the given opacity. */
export function faded(colour: string, share: number): string {
  return `color-mix(in srgb, ${colour} ${Math.round(share * 100)}%, transparent)`;
}
