import type { Range } from '../router/view.js';

/**
 * The steps that the page offers, the shortest first, each with its length in seconds. A day is a multiple of every shorter step.
 */
export const STEPS: readonly (readonly [step: string, seconds: number])[] = [
  ['15s', 15],
  ['30s', 30],
  ['1m', 60],
  ['2m', 120],
  ['5m', 300],
  ['10m', 600],
  ['15m', 900],
  ['30m', 1800],
  ['1h', 3600],
  ['2h', 7200],
  ['3h', 10_800],
  ['6h', 21_600],
  ['12h', 43_200],
  ['1d', 86_400],
  ['1w', 604_800],
  ['1mo', 2_629_800],
];

const UNITS: Record<string, number> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

/** Returns the length of a step in seconds, or null for a calendar step, whose length varies. */
export function secondsOf(step: string): number | null {
  if (/^\d+$/.test(step)) return Number(step);
  const [, count, unit = ''] = /^(\d+)(ms|[smhdw])$/.exec(step) ?? [];
  return count === undefined ? null : Number(count) * UNITS[unit]!;
}

/** Returns a moment in seconds since the epoch, or null for a text that only the server understands. */
export function momentOf(text: string, now: number): number | null {
  if (text === 'now') return now;
  const relative = /^(?:now)?-((?:\d+(?:ms|[smhd]))+)$/.exec(text);
  if (relative !== null) {
    let seconds = 0;
    for (const [, count, unit] of relative[1]!.matchAll(/(\d+)(ms|[smhd])/g)) seconds += Number(count) * UNITS[unit!]!;
    return now - seconds;
  }
  if (/^\d+(?:\.\d+)?$/.test(text)) return Number(text) > 1e11 ? Number(text) / 1000 : Number(text);
  const parsed = Date.parse(text);
  return Number.isNaN(parsed) ? null : parsed / 1000;
}

/** Returns the length of a range in seconds, or null if only the server knows it or the range is empty. */
export function lengthOf({ from, to }: Range, now = Date.now() / 1000): number | null {
  const [start, end] = [momentOf(from, now), momentOf(to, now)];
  return start === null || end === null || end <= start ? null : end - start;
}

/**
 * Returns the shortest step with which a range has at most the given number of points, or the longest step if all are too short.
 */
export function stepFor(seconds: number, points: number): string {
  const fitting = STEPS.find(([, length]) => seconds / length <= points) ?? STEPS.at(-1)!;
  return fitting[0];
}
