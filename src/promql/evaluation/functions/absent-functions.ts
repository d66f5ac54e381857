import type { Expression, LabelMatcher } from '../../syntax/ast.js';
import type { Column } from '../series/column.js';
import { hasValues } from '../series/column.js';
import { METRIC_NAME, NO_LABELS, withLabel } from '../series/labels.js';
import { presentInAny } from '../operators/match-groups.js';
import { VIEW_LABEL } from '../series/selector-view.js';
import type { Labels } from '../series/series-source.js';
import { withoutParentheses } from '../step-invariance.js';

/** Returns 1 at each step at which none of the series has a value, with the labels that the argument implies. */
export function absentSeries(columns: readonly Column[], argument: Expression, steps: number): Column[] {
  const present = presentInAny(columns, steps).map((isPresent) => 1 - isPresent);
  const column = {
    labels: expectedLabels(argument),
    dropsName: false,
    values: new Float64Array(steps).fill(1),
    present,
  };
  return hasValues(present) ? [column] : [];
}

/**
 * Returns the labels that a selector requires with `=` and does not name again, except the metric name and the view. For any
 * other expression the result is empty.
 */
function expectedLabels(argument: Expression): Labels {
  const inner = withoutParentheses(argument);
  if (inner.kind === 'selector') {
    return labelsOf(inner.matchers);
  }
  return inner.kind === 'range' ? labelsOf(inner.selector.matchers) : NO_LABELS;
}

function labelsOf(matchers: readonly LabelMatcher[]): Labels {
  let labels = NO_LABELS;
  const seen = new Set<string>();
  for (const { label, operator, value } of matchers) {
    if (label === METRIC_NAME || label === VIEW_LABEL) {
      continue;
    }
    const isFirst = operator === '=' && !seen.has(label);
    labels = withLabel(labels, label, isFirst ? value : '');
    if (isFirst) {
      seen.add(label);
    }
  }
  return labels;
}
