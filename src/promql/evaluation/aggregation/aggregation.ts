import type { Column } from '../series/column.js';
import { CompensatedMean } from '../compensated-sum.js';
import type { SeriesGroup } from './grouping.js';
import { quantile } from './quantile.js';
import type { QueryBudget } from '../query-budget.js';

/** Combines a group of series into one. */
export type GroupAggregator = (
  members: readonly Column[],
  steps: number,
  budget: QueryBudget,
) => Pick<Column, 'values' | 'present'>;

export function aggregateGroup(
  { labels, members }: SeriesGroup,
  aggregate: GroupAggregator,
  steps: number,
  budget: QueryBudget,
): Column {
  budget.take(steps);
  budget.work(members.length * steps);
  return { labels, dropsName: members.some(({ dropsName }) => dropsName), ...aggregate(members, steps, budget) };
}

/** Adds the members one after another, so that each is read in one go; each step has a running sum with its own correction. */
export const sumGroup: GroupAggregator = (members, steps) => {
  const values = new Float64Array(steps);
  const present = new Uint8Array(steps);
  const corrections = new Float64Array(steps);
  for (const member of members) {
    for (let step = 0; step < steps; step++) {
      if (member.present[step] === 0) {
        continue;
      }
      const value = member.values[step]!;
      if (present[step] === 0) {
        present[step] = 1;
        values[step] = value;
        continue;
      }
      const sum = values[step]!;
      const total = sum + value;
      if (total === Infinity || total === -Infinity) {
        corrections[step] = 0;
      } else {
        corrections[step]! += Math.abs(sum) >= Math.abs(value) ? sum - total + value : value - total + sum;
      }
      values[step] = total;
    }
  }
  return { values: values.map((sum, step) => sum + corrections[step]!), present };
};

export const countGroup: GroupAggregator = (members, steps) => fold(members, steps, 1, (count) => count + 1);
export const constantGroup: GroupAggregator = (members, steps) => fold(members, steps, 1, (one) => one);

export const maxGroup: GroupAggregator = (members, steps) =>
  fold(members, steps, null, (best, value) => (best < value || Number.isNaN(best) ? value : best));

export const minGroup: GroupAggregator = (members, steps) =>
  fold(members, steps, null, (best, value) => (best > value || Number.isNaN(best) ? value : best));

/** @param start the initial value of each step; null to start with the first value */
function fold(
  members: readonly Column[],
  steps: number,
  start: number | null,
  join: (result: number, value: number) => number,
): Pick<Column, 'values' | 'present'> {
  const values = new Float64Array(steps);
  const present = new Uint8Array(steps);
  for (const member of members) {
    for (let step = 0; step < steps; step++) {
      if (member.present[step] === 1) {
        const value = member.values[step]!;
        values[step] = present[step] === 1 ? join(values[step]!, value) : (start ?? value);
        present[step] = 1;
      }
    }
  }
  return { values, present };
}

export const avgGroup: GroupAggregator = (members, steps, budget) =>
  eachStep({ members, steps, budget }, (values) => {
    const mean = new CompensatedMean();
    for (const value of values) {
      mean.add(value);
    }
    return mean.mean;
  });

export const stdvarGroup: GroupAggregator = (members, steps, budget) => eachStep({ members, steps, budget }, variance);
export const stddevGroup: GroupAggregator = (members, steps, budget) =>
  eachStep({ members, steps, budget }, (values) => Math.sqrt(variance(values)));

function variance(values: Float64Array): number {
  let mean = values[0]!;
  let squares = Number.isFinite(mean) ? 0 : NaN;
  for (let index = 1; index < values.length; index++) {
    const difference = values[index]! - mean;
    mean += difference / (index + 1);
    squares += difference * (values[index]! - mean);
  }
  return squares / values.length;
}

/** @param quantiles one for each step */
export function quantileGroup(quantiles: Float64Array): GroupAggregator {
  return (members, steps, budget) =>
    eachStep({ members, steps, budget }, (values, step) => quantile(quantiles[step]!, values));
}

/** Applies a function that needs all values of a step together. It receives them in an array that is reused. */
function eachStep(
  { members, steps, budget }: { members: readonly Column[]; steps: number; budget: QueryBudget },
  aggregate: (values: Float64Array, step: number) => number,
): Pick<Column, 'values' | 'present'> {
  const values = new Float64Array(steps);
  const present = new Uint8Array(steps);
  const gathered = new Float64Array(members.length);
  for (let step = 0; step < steps; step++) {
    let count = 0;
    budget.work(members.length);
    for (const member of members) {
      if (member.present[step] === 1) {
        gathered[count++] = member.values[step]!;
      }
    }
    if (count > 0) {
      values[step] = aggregate(gathered.subarray(0, count), step);
      present[step] = 1;
    }
  }
  return { values, present };
}
