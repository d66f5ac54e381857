import { quoteString } from '../../syntax/lexer/quoted-string.js';
import type { Column } from '../series/column.js';
import { PromqlExecutionError } from '../errors.js';
import { plainText } from '../result/go-number.js';
import { groupKey, groupLabels, type Grouping } from './grouping.js';
import { isLabelName, withLabel } from '../series/labels.js';
import type { QueryBudget } from '../query-budget.js';
import type { Labels } from '../series/series-source.js';

export interface ValueCount {
  readonly columns: readonly Column[];
  /** The label that receives the value. */
  readonly label: string;
  readonly grouping: Grouping;
  readonly steps: number;
  /** The budget is charged for the result, because it can have a series for each value. */
  readonly budget: QueryBudget;
}

/** Counts how many series of each group have each value. */
export function countValues({ columns, label, grouping: given, steps, budget }: ValueCount): Column[] {
  if (!isLabelName(label)) {
    throw new PromqlExecutionError(`invalid label name ${quoteString(label)}`);
  }
  const grouping = given.isWithout ? given : { ...given, labels: [...given.labels, label] };
  const keyOf = groupKey(grouping);
  const counts = new Map<string, Column>();
  const countFor = (labels: Labels) => {
    const key = keyOf(labels);
    let count = counts.get(key);
    if (count === undefined) {
      budget.take(steps);
      count = {
        labels: groupLabels(labels, grouping),
        dropsName: false,
        values: new Float64Array(steps),
        present: new Uint8Array(steps),
      };
      counts.set(key, count);
    }
    return count;
  };
  for (const column of columns) {
    const countOf = new Map<number, Column>();
    for (let step = 0; step < steps; step++) {
      if (column.present[step] === 0) {
        continue;
      }
      const value = column.values[step]!;
      // A Map treats 0 and -0 as the same key, but they are two different labels.
      let count = value === 0 ? undefined : countOf.get(value);
      if (count === undefined) {
        count = countFor(withLabel(column.labels, label, plainText(value)));
        countOf.set(value, count);
      }
      count.values[step]! += 1;
      count.present[step] = 1;
    }
  }
  return [...counts.values()];
}
