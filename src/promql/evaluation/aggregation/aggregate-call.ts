import type { AggregateExpression, Position } from '../../syntax/ast.js';
import { foldGroup, quantileOfGroup } from './aggregation.js';
import type { Annotations } from '../result/annotations.js';
import type { Column } from '../series/column.js';
import { countValues } from './count-values.js';
import type { Evaluation } from '../evaluation.js';
import { messageText } from '../result/go-number.js';
import { GROUP_FOLDS } from './group-fold.js';
import { groupSeries } from './grouping.js';
import { isQuantile } from './quantile.js';
import { selectSeries } from './selecting-aggregation.js';
import { withoutParentheses } from '../step-invariance.js';
import type { TimeSteps } from '../time-steps.js';

export function evaluateAggregate(
  evaluation: Evaluation,
  expression: AggregateExpression,
  steps: TimeSteps,
): readonly Column[] {
  const folded = evaluation.folded.get(expression);
  if (folded !== undefined) {
    return folded.columns();
  }
  const { annotations, budget } = evaluation;
  const grouping = { labels: expression.grouping, isWithout: expression.isWithout };
  const { aggregator, parameter } = expression;
  if (aggregator === 'count_values') {
    const label = withoutParentheses(parameter!);
    const columns = evaluation.vector(expression.expression, steps);
    return countValues({
      columns,
      label: label.kind === 'string' ? label.value : '',
      grouping,
      steps: steps.count,
      budget,
    });
  }
  const numbers = parameter === null ? new Float64Array(0) : evaluation.scalar(parameter, steps);
  const groups = groupSeries(evaluation.vector(expression.expression, steps), grouping);
  switch (aggregator) {
    case 'topk':
    case 'bottomk':
    case 'limitk':
    case 'limit_ratio':
      if (aggregator === 'limit_ratio') {
        warnOfRatios(annotations, numbers, parameter!.position);
      }
      return selectSeries({ aggregator, groups, parameter: numbers, steps: steps.count, budget });
    case 'quantile':
      warnOfQuantiles(annotations, numbers, parameter!.position);
      return groups.map((group) => quantileOfGroup(group, numbers, budget));
    case 'sum':
    case 'avg':
    case 'count':
    case 'min':
    case 'max':
    case 'group':
    case 'stddev':
    case 'stdvar':
      return groups.map((group) => foldGroup(group, GROUP_FOLDS[aggregator], steps.count, budget));
  }
}

function warnOfQuantiles(annotations: Annotations, quantiles: Float64Array, position: Position): void {
  for (const q of worstOf(quantiles, isQuantile)) {
    annotations.warn(`quantile value should be between 0 and 1, got ${messageText(q)}`, position);
  }
}

function warnOfRatios(annotations: Annotations, ratios: Float64Array, position: Position): void {
  for (const ratio of worstOf(ratios, (value) => value >= -1 && value <= 1)) {
    if (!Number.isNaN(ratio)) {
      const limit = Math.sign(ratio);
      annotations.warn(
        `ratio value should be between -1 and 1, got ${messageText(ratio)}, capping to ${limit}`,
        position,
      );
    }
  }
}

/** Returns the values that a warning names: NaN, the largest and the smallest of the numbers that are not allowed. */
function worstOf(numbers: Float64Array, isAllowed: (value: number) => boolean): Set<number> {
  const refused = numbers.filter((value) => !isAllowed(value));
  const sizes = refused.filter((value) => !Number.isNaN(value));
  const worst = new Set<number>(refused.length > sizes.length ? [NaN] : []);
  if (sizes.length > 0) {
    const largest = sizes.reduce((a, b) => Math.max(a, b));
    const smallest = sizes.reduce((a, b) => Math.min(a, b));
    for (const value of [largest, smallest]) {
      worst.add(value);
    }
  }
  return worst;
}
