import type { VectorMatching } from '../../syntax/ast.js';
import type { Column } from '../series/column.js';
import { keepLabels, dropLabels, keyOfLabels, keyWithoutLabels, METRIC_NAME } from '../series/labels.js';
import type { Labels } from '../series/series-source.js';

/**
 * The series of both sides that have the same values of the labels that a binary operator compares. Groups are computed once
 * for all steps.
 */
export interface MatchGroup {
  readonly left: Column[];
  readonly right: Column[];
}

export function matchGroups(
  left: readonly Column[],
  right: readonly Column[],
  matching: VectorMatching,
): Iterable<MatchGroup> {
  const keyOf = signature(matching);
  const groups = new Map<string, MatchGroup>();
  const groupOf = (column: Column) => {
    const key = keyOf(column.labels);
    let group = groups.get(key);
    if (group === undefined) {
      group = { left: [], right: [] };
      groups.set(key, group);
    }
    return group;
  };
  for (const column of left) {
    groupOf(column).left.push(column);
  }
  for (const column of right) {
    groupOf(column).right.push(column);
  }
  return groups.values();
}

/** Returns a function that converts the compared labels of a series to a text, which is equal for series that match. */
export function signature({ isOn, labels }: VectorMatching): (labels: Labels) => string {
  if (isOn) {
    const names = [...new Set(labels)].toSorted();
    return (of) => keyOfLabels(of, names);
  }
  const ignored = new Set([METRIC_NAME, ...labels]);
  return (of) => keyWithoutLabels(of, ignored);
}

/** Returns the labels that a match compares, for messages. */
export function matchedLabels(labels: Labels, { isOn, labels: names }: VectorMatching): Labels {
  return isOn ? keepLabels(labels, names) : dropLabels(labels, new Set([METRIC_NAME, ...names]));
}

/** Returns 1 for each step at which any of the series has a value. */
export function presentInAny(columns: readonly Column[], steps: number): Uint8Array {
  const [first] = columns;
  if (columns.length === 1 && first !== undefined) {
    return first.present;
  }
  const present = new Uint8Array(steps);
  for (const column of columns) {
    for (let step = 0; step < steps; step++) {
      present[step] = present[step]! | column.present[step]!;
    }
  }
  return present;
}
