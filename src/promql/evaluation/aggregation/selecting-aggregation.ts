import { bestSeries } from './best-series.js';
import { hasValues, withPresence, type Column } from '../series/column.js';
import { PromqlExecutionError } from '../errors.js';
import { messageText } from '../result/go-number.js';
import type { SeriesGroup } from './grouping.js';
import { labelHash } from '../series/label-hash.js';
import type { QueryBudget } from '../query-budget.js';

/** The aggregations that keep series unchanged and select some of each group at each step. */
export type SelectingAggregator = 'topk' | 'bottomk' | 'limitk' | 'limit_ratio';

export interface Selection {
  readonly aggregator: SelectingAggregator;
  readonly groups: readonly SeriesGroup[];
  /** The number of series to keep, or the fraction of the series, for each step. */
  readonly parameter: Float64Array;
  readonly steps: number;
  readonly budget: QueryBudget;
}

/** Selects series. If there is only one step, topk and bottomk order them, best first. */
export function selectSeries(selection: Selection): Column[] {
  const { aggregator, groups, parameter, steps } = selection;
  if (aggregator === 'limit_ratio') {
    return selectShare(selection);
  }
  // This check comes first, because Prometheus returns nothing if no step asks for a series.
  if (!parameter.some((limit) => limit >= 1 || Number.isNaN(limit))) {
    return [];
  }
  for (const limit of parameter) {
    checkLimit(limit);
  }
  const seriesCount = groups.reduce((count, { members }) => count + members.length, 0);
  const limits = parameter.map((limit) => Math.min(Math.trunc(limit), seriesCount));
  return groups.flatMap(({ members }) =>
    aggregator === 'limitk'
      ? firstOf(members, limits, steps)
      : bestSeries(members, limits, selection.aggregator === 'topk', selection.budget),
  );
}

const INT64_LIMIT = 2 ** 63;

function checkLimit(limit: number): void {
  if (Number.isNaN(limit)) {
    throw new PromqlExecutionError('Parameter value is NaN');
  }
  if (limit <= -INT64_LIMIT) {
    throw new PromqlExecutionError(`Scalar value ${messageText(limit)} underflows int64`);
  }
  if (limit >= INT64_LIMIT) {
    throw new PromqlExecutionError(`Scalar value ${messageText(limit)} overflows int64`);
  }
}

function firstOf(members: readonly Column[], limits: Float64Array, steps: number): Column[] {
  const taken = new Int32Array(steps);
  return members
    .map((member) =>
      withPresence(
        member,
        member.present.map((isPresent, step) => (isPresent === 1 && taken[step]!++ < limits[step]! ? 1 : 0)),
      ),
    )
    .filter(({ present }) => hasValues(present));
}

/**
 * Selects a share of the series. The labels of a series determine a number from 0 to 1, and the series is included for all ratios
 * above it. A negative ratio selects the series that the ratio plus 1 does not.
 */
function selectShare({ groups, parameter }: Selection): Column[] {
  if (parameter.every((ratio) => ratio === 0)) {
    return [];
  }
  if (parameter.some((ratio) => Number.isNaN(ratio))) {
    throw new PromqlExecutionError('Ratio value is NaN');
  }
  return groups
    .flatMap(({ members }) => members)
    .map((member) => withPresence(member, shareOf(member, parameter)))
    .filter(({ present }) => hasValues(present));
}

function shareOf({ labels, present }: Column, ratios: Float64Array): Uint8Array {
  const offset = Number(labelHash(labels)) / 2 ** 64;
  const isIn = (ratio: number) => (ratio >= 0 ? offset < Math.min(ratio, 1) : offset >= 1 + Math.max(ratio, -1));
  return present.map((isPresent, step) => (isPresent === 1 && isIn(ratios[step]!) ? 1 : 0));
}
