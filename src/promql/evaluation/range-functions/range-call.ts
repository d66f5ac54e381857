import type { Expression, FunctionCall, MatrixSelector, SubqueryExpression } from '../../syntax/ast.js';
import { quoteString } from '../../syntax/lexer/quoted-string.js';
import { absentSeries } from '../functions/absent-functions.js';
import { hasValues, type Column } from '../series/column.js';
import type { Evaluation } from '../evaluation.js';
import { sameLabelsError } from '../errors.js';
import { dropMetadata, labelKey, METRIC_NAME } from '../series/labels.js';
import type { RangeFunctionContext } from './range-function.js';
import { NAME_KEEPING_RANGE_FUNCTIONS, RANGE_FUNCTIONS } from './range-functions.js';
import { selectRange, type RangedSeries, type RangeVector } from '../series/selectors.js';
import { SlidingWindow } from './sliding-window.js';
import { withoutParentheses } from '../step-invariance.js';
import { timeOfStep, type TimeSteps } from '../time-steps.js';

const COUNTER_NAME = /_(?:total|sum|count|bucket)$/;

/** Evaluates a function of a range vector, in one pass over all steps for each series. */
export function evaluateRangeCall(evaluation: Evaluation, call: FunctionCall, steps: TimeSteps): Column[] {
  const place = call.arguments.findIndex((argument) => rangeOf(argument) !== null);
  const argument = call.arguments[place]!;
  const vector = selectRange(evaluation, rangeOf(argument)!, steps);
  const context: RangeFunctionContext = {
    parameters: call.arguments.filter((_, index) => index !== place).map((other) => evaluation.scalar(other, steps)),
    annotations: evaluation.annotations,
    position: call.arguments[0]!.position,
  };
  const columns: Column[] = [];
  for (const series of vector.series) {
    const column = applyToSeries(evaluation, call.name, { series, vector, context, steps });
    if (hasValues(column.present)) {
      columns.push(column);
      if (call.name === 'rate' || call.name === 'increase') {
        informOfGauge(evaluation, series, argument);
      }
    }
  }
  if (call.name !== 'absent_over_time') {
    if (!evaluation.plan.delaysNameRemoval) {
      refuseSameLabels(columns);
    }
    return columns;
  }
  const inner = withoutParentheses(argument);
  return absentSeries(columns, inner, steps.count);
}

/**
 * Refuses series with the same labels. In the result of a range function, such series are an error even if they have values at
 * different steps, as in Prometheus.
 */
function refuseSameLabels(columns: readonly Column[]): void {
  if (new Set(columns.filter(({ dropsName }) => dropsName).map(({ labels }) => labels.get(METRIC_NAME))).size < 2) {
    return;
  }
  const keys = columns.map(({ labels, dropsName }) => labelKey(dropsName ? dropMetadata(labels) : labels));
  if (new Set(keys).size < keys.length) {
    throw sameLabelsError();
  }
}

function rangeOf(argument: Expression): MatrixSelector | SubqueryExpression | null {
  const inner = withoutParentheses(argument);
  return inner.kind === 'range' || inner.kind === 'subquery' ? inner : null;
}

interface SeriesCall {
  readonly series: RangedSeries;
  readonly vector: RangeVector;
  readonly context: RangeFunctionContext;
  readonly steps: TimeSteps;
}

function applyToSeries({ budget }: Evaluation, name: string, { series, vector, context, steps }: SeriesCall): Column {
  budget.take(steps.count);
  const window = new SlidingWindow(series.runs, budget);
  const valueAt = RANGE_FUNCTIONS.get(name)!(window, context);
  const values = new Float64Array(steps.count);
  const present = new Uint8Array(steps.count);
  for (let step = 0; step < steps.count; step++) {
    const endMs = vector.ends[step]!;
    if (window.moveTo(endMs - vector.rangeMs, endMs, timeOfStep(steps, step))) {
      const value = valueAt(step);
      if (value !== undefined) {
        values[step] = value;
        present[step] = 1;
      }
    }
  }
  const dropsName = series.dropsName || !NAME_KEEPING_RANGE_FUNCTIONS.has(name);
  return { labels: series.labels, dropsName, values, present };
}

function informOfGauge({ annotations }: Evaluation, { labels }: RangedSeries, { position }: Expression): void {
  const name = labels.get(METRIC_NAME);
  if (name !== undefined && !COUNTER_NAME.test(name)) {
    annotations.inform(
      `metric might not be a counter, name does not end in _total/_sum/_count/_bucket: ${quoteString(name)}`,
      position,
    );
  }
}
