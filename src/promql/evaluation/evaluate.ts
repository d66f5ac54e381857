import type { AggregateExpression } from '../syntax/ast.js';
import { FoldedGroups } from './aggregation/folded-groups.js';
import { Annotations } from './result/annotations.js';
import { withNamesDropped, type Column } from './series/column.js';
import { Evaluator } from './evaluator.js';
import { dropMetadata, labelKey, sortedByLabels } from './series/labels.js';
import type { QueryPlan } from './series/plan.js';
import { QueryBudget, type QueryLimits } from './query-budget.js';
import { selectRange } from './series/selectors.js';
import type { Labels, SelectedSeries, SeriesSource } from './series/series-source.js';
import { SlidingWindow } from './range-functions/sliding-window.js';
import { StepInvariance, withoutParentheses } from './step-invariance.js';
import { sameLabelsError } from './errors.js';
import { timeOfStep, type TimeSteps } from './time-steps.js';

/** The points of one series in an answer. */
export interface ResultSeries {
  readonly labels: Labels;
  readonly timestamps: Float64Array;
  readonly values: Float64Array;
}

export type QueryResult =
  | { readonly resultType: 'matrix' | 'vector'; readonly result: readonly ResultSeries[] }
  | { readonly resultType: 'scalar'; readonly result: { readonly timestampMs: number; readonly value: number } }
  | { readonly resultType: 'string'; readonly result: { readonly timestampMs: number; readonly value: string } };

export type QueryAnswer = QueryResult & {
  readonly warnings: readonly string[];
  readonly infos: readonly string[];
};

/**
 * Runs a query. In the answer, every series of a `vector` has one point, and the series of a `matrix` are in the order of their
 * labels.
 *
 * @throws PromqlExecutionError, PromqlTimeoutError or PromqlCancelledError
 */
export function evaluate(plan: QueryPlan, source: SeriesSource, limits: QueryLimits): QueryAnswer {
  return new QueryRun(plan, limits).answer(source);
}

/**
 * Runs a query once. Before the answer, the series of the selections in {@link QueryPlan.folds} can be given in slices. The
 * series of a slice are dropped before the next slice is added.
 */
export class QueryRun {
  private readonly annotations = new Annotations();
  private readonly budget: QueryBudget;
  private readonly folded = new Map<AggregateExpression, FoldedGroups>();
  private readonly invariance = new StepInvariance();

  constructor(
    private readonly plan: QueryPlan,
    private readonly limits: QueryLimits,
  ) {
    this.budget = new QueryBudget(limits);
  }

  /**
   * Adds some series of a selection to the groups of its aggregations.
   *
   * @param selector the index of a request in {@link QueryPlan.folds}
   * @param series the series of the next slice
   * @throws the same errors as {@link evaluate}
   */
  fold(selector: number, series: readonly SelectedSeries[]): void {
    const { plan, budget, annotations, folded } = this;
    const evaluator = new Evaluator(plan, { seriesOf: () => series }, budget, annotations, new Map());
    for (const aggregate of plan.folds.get(selector)!) {
      // The evaluator computes an expression that is the same at every step only once.
      const count = Math.min(plan.steps.count, this.invariance.isInvariant(aggregate) ? 1 : Infinity);
      const steps = { ...plan.steps, count };
      let groups = folded.get(aggregate);
      if (groups === undefined) {
        groups = new FoldedGroups(aggregate, count, budget, this.limits.maxSeries);
        folded.set(aggregate, groups);
      }
      groups.add(budget.passing(() => evaluator.vector(aggregate.expression, steps)));
    }
  }

  /**
   * Answers the query.
   *
   * @param source the series of all selections that were not given in slices
   * @throws the same errors as {@link evaluate}
   */
  answer(source: SeriesSource): QueryAnswer {
    const { plan, budget, annotations, folded } = this;
    const result = resultOf(plan, new Evaluator(plan, source, budget, annotations, folded));
    if (result.resultType === 'matrix' || result.resultType === 'vector') {
      budget.checkSeries(result.result.length);
    }
    return { ...result, ...annotations.list(plan.query) };
  }
}

function resultOf(plan: QueryPlan, evaluator: Evaluator): QueryResult {
  const { expression, steps, resultType } = plan;
  const timestampMs = steps.startMs;
  switch (resultType) {
    case 'string': {
      const inner = withoutParentheses(expression);
      return { resultType, result: { timestampMs, value: inner.kind === 'string' ? inner.value : '' } };
    }
    case 'matrix':
      return { resultType, result: sortedByLabels(rangeResult(plan, evaluator)) };
    case 'scalar': {
      const values = evaluator.scalar(expression, steps);
      return plan.kind === 'instant'
        ? { resultType, result: { timestampMs, value: values[0]! } }
        : { resultType: 'matrix', result: [{ labels: new Map(), timestamps: timesOf(steps), values }] };
    }
    case 'vector': {
      const columns = withNamesDropped(evaluator.vector(expression, steps));
      const times = timesOf(steps);
      const series = columns.map((column) => seriesOf(column, times));
      return plan.kind === 'instant'
        ? { resultType, result: series }
        : { resultType: 'matrix', result: sortedByLabels(series) };
    }
  }
}

/** Returns the steps at which a series has values. A series with values at all steps shares the array of the times. */
function seriesOf({ labels, values, present }: Column, times: Float64Array): ResultSeries {
  if (!present.includes(0)) {
    return { labels, timestamps: times, values };
  }
  const isPresent = (_: number, step: number) => present[step] === 1;
  return { labels, timestamps: times.filter(isPresent), values: values.filter(isPresent) };
}

function timesOf(steps: TimeSteps): Float64Array {
  return Float64Array.from({ length: steps.count }, (_, step) => timeOfStep(steps, step));
}

/** Returns the result of a query that is only a range selector or a subquery: its samples at their own times. */
function rangeResult({ expression, steps }: QueryPlan, evaluator: Evaluator): ResultSeries[] {
  const inner = withoutParentheses(expression);
  if (inner.kind !== 'range' && inner.kind !== 'subquery') {
    return [];
  }
  const { series, rangeMs, ends } = selectRange(evaluator, inner, steps);
  const endMs = ends[0]!;
  const seen = new Set<string>();
  const result: ResultSeries[] = [];
  for (const { labels: named, dropsName, runs } of series) {
    const window = new SlidingWindow(runs, evaluator.budget);
    if (!window.moveTo(endMs - rangeMs, endMs, steps.startMs)) {
      continue;
    }
    const labels = dropsName ? dropMetadata(named) : named;
    if (seen.has(labelKey(labels))) {
      throw sameLabelsError();
    }
    seen.add(labelKey(labels));
    const { times, values, from, to } = window.points();
    result.push({ labels, timestamps: times.slice(from, to), values: values.slice(from, to) });
  }
  return result;
}
