import type { AggregateExpression, Expression, FunctionCall, VectorSelector } from '../../syntax/ast.js';
import { typeOf } from '../../syntax/parser/checks.js';
import { isFolded } from '../aggregation/group-fold.js';
import { isElementFunction } from '../functions/element-functions.js';
import { isComparison } from '../operators/arithmetic.js';
import { NAME_KEEPING_RANGE_FUNCTIONS, RANGE_FUNCTIONS } from '../range-functions/range-functions.js';
import { withoutParentheses } from '../step-invariance.js';

/**
 * Finds the requests whose series can be given to the evaluation in slices. Each selector of such a request is the only selector
 * in an aggregation, and the aggregation needs only one series at a time.
 *
 * An aggregation in a subquery does not qualify, because its steps are not those of the query.
 *
 * @param requestOf the index of the request of each selector
 * @returns the aggregations over each of these requests, by the index of the request
 */
export function foldableRequests(
  expression: Expression,
  requestOf: ReadonlyMap<VectorSelector | FunctionCall, number>,
): ReadonlyMap<number, readonly AggregateExpression[]> {
  const folds = new Map<number, AggregateExpression[]>();
  for (const [aggregate, selector] of foldsIn(expression)) {
    const request = requestOf.get(selector)!;
    folds.set(request, [...(folds.get(request) ?? []), aggregate]);
  }
  const uses = new Map<number, number>();
  for (const request of requestOf.values()) {
    uses.set(request, (uses.get(request) ?? 0) + 1);
  }
  return new Map([...folds].filter(([request, aggregates]) => aggregates.length === uses.get(request)));
}

function* foldsIn(expression: Expression): Generator<[AggregateExpression, VectorSelector]> {
  switch (expression.kind) {
    case 'parenthesis':
    case 'unary':
      yield* foldsIn(expression.expression);
      return;
    case 'binary':
      yield* foldsIn(expression.left);
      yield* foldsIn(expression.right);
      return;
    case 'call':
      for (const argument of expression.arguments) {
        yield* foldsIn(argument);
      }
      return;
    case 'aggregate': {
      const selector = isFolded(expression.aggregator) ? selectorOfEach(expression.expression) : undefined;
      if (selector !== undefined) {
        yield [expression, selector];
        return;
      }
      yield* foldsIn(expression.expression);
      if (expression.parameter !== null) {
        yield* foldsIn(expression.parameter);
      }
      return;
    }
    case 'number':
    case 'string':
    case 'selector':
    case 'range':
    case 'subquery':
  }
}

/** Returns the only selector of an expression that computes each series on its own, or undefined for any other expression. */
function selectorOfEach(expression: Expression): VectorSelector | undefined {
  switch (expression.kind) {
    case 'parenthesis':
      return selectorOfEach(expression.expression);
    case 'selector':
      return expression;
    case 'unary':
      return ofOneName(selectorOfEach(expression.expression));
    case 'binary': {
      const { operator, left, right, returnsBool } = expression;
      if (!isNumber(left) && !isNumber(right)) return undefined;
      const selector = selectorOfEach(isNumber(left) ? right : left);
      return isComparison(operator) && !returnsBool ? selector : ofOneName(selector);
    }
    case 'call': {
      const isRange = RANGE_FUNCTIONS.has(expression.name) && expression.name !== 'absent_over_time';
      if (!isRange && !isElementFunction(expression.name)) return undefined;
      const series = expression.arguments.filter((argument) => !isNumber(argument)).map(withoutParentheses);
      if (series.length !== 1) return undefined;
      const only = series[0]!;
      if (only.kind !== 'range') return ofOneName(selectorOfEach(only));
      return NAME_KEEPING_RANGE_FUNCTIONS.has(expression.name) ? only.selector : ofOneName(only.selector);
    }
    case 'aggregate':
    case 'range':
    case 'subquery':
    case 'number':
    case 'string':
      return undefined;
  }
}

/**
 * Returns the selector if it selects a single metric, otherwise undefined. A computed value has no name, so two series that
 * differ only by their names are an error, which would go unnoticed if they came in different slices.
 */
function ofOneName(selector: VectorSelector | undefined): VectorSelector | undefined {
  const isOfOneName = selector?.matchers.some(
    ({ label, operator, value }) => label === '__name__' && operator === '=' && value !== '',
  );
  return isOfOneName ? selector : undefined;
}

/** Returns whether an expression is a number that needs no series. */
function isNumber(expression: Expression): boolean {
  if (typeOf(expression) !== 'scalar') return false;
  const inner = withoutParentheses(expression);
  switch (inner.kind) {
    case 'number':
      return true;
    case 'unary':
      return isNumber(inner.expression);
    case 'binary':
      return isNumber(inner.left) && isNumber(inner.right);
    case 'call':
      return inner.name !== 'scalar' && inner.arguments.every(isNumber);
    case 'string':
    case 'aggregate':
    case 'selector':
    case 'range':
    case 'subquery':
      return false;
  }
}
