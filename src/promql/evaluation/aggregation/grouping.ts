import type { Column } from '../series/column.js';
import { dropLabels, keepLabels, keyOfLabels, keyWithoutLabels, METRIC_NAME } from '../series/labels.js';
import type { Labels } from '../series/series-source.js';

/** The grouping of an aggregation: `by (labels)` or `without (labels)`. */
export interface Grouping {
  readonly labels: readonly string[];
  readonly isWithout: boolean;
}

export interface SeriesGroup {
  readonly labels: Labels;
  readonly members: Column[];
}

/** Groups series, in the order of their first members. This is done once for all steps. */
export function groupSeries(columns: readonly Column[], grouping: Grouping): SeriesGroup[] {
  const keyOf = groupKey(grouping);
  const groups = new Map<string, SeriesGroup>();
  for (const column of columns) {
    const key = keyOf(column.labels);
    const group = groups.get(key);
    if (group === undefined) {
      groups.set(key, { labels: groupLabels(column.labels, grouping), members: [column] });
    } else {
      group.members.push(column);
    }
  }
  return [...groups.values()];
}

export function groupKey({ labels, isWithout }: Grouping): (of: Labels) => string {
  if (isWithout) {
    const dropped = new Set([METRIC_NAME, ...labels]);
    return (of) => keyWithoutLabels(of, dropped);
  }
  const names = [...new Set(labels)].toSorted();
  return (of) => keyOfLabels(of, names);
}

export function groupLabels(labels: Labels, grouping: Grouping): Labels {
  return grouping.isWithout
    ? dropLabels(labels, new Set([METRIC_NAME, ...grouping.labels]))
    : keepLabels(labels, grouping.labels);
}
