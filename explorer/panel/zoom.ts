import { setParams } from '../router/location.js';
import { range } from '../router/view.js';
import { momentOf } from './step.js';

/** The ranges that were shown before each zoom, so that a person can return to them. */
const earlier: { from: string; to: string }[] = [];

/** Minimum length of a range. A chart of a shorter one would show nothing. */
const SHORTEST_SECONDS = 1;

/** Shows a part of the range in all panels. */
export function zoomTo(from: number, to: number): void {
  if (to - from < SHORTEST_SECONDS) return;
  earlier.push(range.peek());
  setParams({ from: written(from), to: written(to) });
}

/** Returns to the range before the last zoom. */
export function zoomBack(): void {
  const before = earlier.pop();
  if (before !== undefined) setParams({ from: before.from, to: before.to === 'now' ? null : before.to });
}

/** Moves the range by a fraction of its length, but not beyond the current time. */
export function moveBy(share: number): void {
  const now = Date.now() / 1000;
  const from = momentOf(range.peek().from, now);
  const to = momentOf(range.peek().to, now);
  if (from === null || to === null) return;
  const shift = Math.min((to - from) * share, Math.max(now - to, 0));
  if (shift !== 0) setParams({ from: written(from + shift), to: written(to + shift) });
}

function written(seconds: number): string {
  return new Date(Math.round(seconds) * 1000).toISOString().replace('.000Z', 'Z');
}
