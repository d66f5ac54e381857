import type { Column } from '../series/column.js';
import { compareLabels, compareText } from '../series/labels.js';

/** Sorts series by their value at the only step. NaN comes last in both directions. */
export function sortByValue(columns: readonly Column[], isDescending: boolean): Column[] {
  return columns.toSorted((a, b) => {
    const [left = NaN] = a.values;
    const [right = NaN] = b.values;
    if (Number.isNaN(left) || Number.isNaN(right)) {
      return Number(Number.isNaN(left)) - Number(Number.isNaN(right));
    }
    const order = left < right ? -1 : Number(left > right);
    return isDescending ? -order : order;
  });
}

/** Sorts series by the given labels, in which numbers are compared by size, and then by all labels. */
export function sortByLabels(columns: readonly Column[], names: readonly string[], isDescending: boolean): Column[] {
  const sorted = columns.toSorted((a, b) => {
    for (const name of names) {
      const order = compareNaturally(a.labels.get(name) ?? '', b.labels.get(name) ?? '');
      if (order !== 0) {
        return order;
      }
    }
    return compareLabels(a.labels, b.labels);
  });
  return isDescending ? sorted.toReversed() : sorted;
}

function compareNaturally(a: string, b: string): number {
  const left = a.match(/\d+|\D+/g) ?? [];
  const right = b.match(/\d+|\D+/g) ?? [];
  for (let index = 0; index < Math.min(left.length, right.length); index++) {
    const x = left[index]!;
    const y = right[index]!;
    const areNumbers = /^\d/.test(x) && /^\d/.test(y);
    const order = areNumbers ? Number(x) - Number(y) : compareText(x, y);
    if (order !== 0) {
      return order;
    }
  }
  return left.length - right.length || compareText(a, b);
}
