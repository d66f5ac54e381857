import type { AtModifier, Expression, FunctionCall, LabelMatcher } from '../../syntax/ast.js';
import { METRIC_NAME } from '../series/labels.js';
import { withoutParentheses } from '../step-invariance.js';

/**
 * Returns the matchers of the series whose labels `info()` adds. These are the series of `target_info`, unless the second
 * argument has a matcher for the name. If it only excludes names, the other names that end with `_info` are selected.
 */
export function infoMatchers({ arguments: given }: FunctionCall): readonly LabelMatcher[] {
  const selector = given[1] === undefined ? null : withoutParentheses(given[1]);
  const matchers = selector?.kind === 'selector' ? selector.matchers : [];
  const names = matchers.filter(({ label }) => label === METRIC_NAME);
  if (names.some(({ operator }) => operator === '=' || operator === '=~')) {
    return matchers;
  }
  const added: LabelMatcher =
    names.length > 0
      ? { label: METRIC_NAME, operator: '=~', value: '.+_info' }
      : { label: METRIC_NAME, operator: '=', value: 'target_info' };
  return [added, ...matchers];
}

export interface InfoTime {
  readonly at: AtModifier | null;
  readonly offsetMs: number;
}

/**
 * Returns the modifiers that determine at which time info series are read: those of the first selector in the argument,
 * combined with those of its enclosing subqueries.
 */
export function infoTime(argument: Expression): InfoTime {
  return findTime(argument) ?? { at: null, offsetMs: 0 };
}

function findTime(expression: Expression): InfoTime | null {
  switch (expression.kind) {
    case 'parenthesis':
    case 'unary':
      return findTime(expression.expression);
    case 'aggregate':
      return (expression.parameter && findTime(expression.parameter)) ?? findTime(expression.expression);
    case 'binary':
      return findTime(expression.left) ?? findTime(expression.right);
    case 'call':
      return expression.arguments.map(findTime).find((time) => time !== null) ?? null;
    case 'selector':
      return { at: expression.at, offsetMs: expression.offsetMs };
    case 'range':
      return findTime(expression.selector);
    case 'subquery': {
      const inner = findTime(expression.expression);
      // An inner `@` fixes the time, so the outer modifiers no longer matter.
      return inner === null || inner.at !== null
        ? inner
        : { at: expression.at, offsetMs: inner.offsetMs + expression.offsetMs };
    }
    case 'number':
    case 'string':
      return null;
  }
}
