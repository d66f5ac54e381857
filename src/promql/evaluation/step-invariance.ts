import type { Expression } from '../syntax/ast.js';

/** Functions that depend on the time of evaluation even if their arguments do not. */
const TIME_DEPENDENT_FUNCTIONS: ReadonlySet<string> = new Set([
  'time',
  'timestamp',
  'predict_linear',
  'minute',
  'hour',
  'day_of_week',
  'day_of_month',
  'day_of_year',
  'days_in_month',
  'month',
  'year',
]);

/** Determines which expressions have the same value at every step (`@`, constants), so that one evaluation is enough. */
export class StepInvariance {
  private readonly known = new Map<Expression, boolean>();

  isInvariant(expression: Expression): boolean {
    let isInvariant = this.known.get(expression);
    if (isInvariant === undefined) {
      isInvariant = this.examine(expression);
      this.known.set(expression, isInvariant);
    }
    return isInvariant;
  }

  private examine(expression: Expression): boolean {
    switch (expression.kind) {
      case 'number':
      case 'string':
        return true;
      case 'parenthesis':
      case 'unary':
        return this.isInvariant(expression.expression);
      case 'binary':
        return this.isInvariant(expression.left) && this.isInvariant(expression.right);
      case 'aggregate':
        return (
          this.isInvariant(expression.expression) &&
          (expression.parameter === null || this.isInvariant(expression.parameter))
        );
      case 'call':
        return this.examineCall(expression.name, expression.arguments);
      case 'selector':
      case 'subquery':
        return expression.at !== null;
      case 'range':
        return expression.selector.at !== null;
    }
  }

  private examineCall(name: string, given: readonly Expression[]): boolean {
    if (!given.every((argument) => this.isInvariant(argument))) {
      return false;
    }
    // The time of a sample is the same at every step. The time of a computed value is the time of evaluation.
    const isTimeOfSample = name === 'timestamp' && withoutParentheses(given[0]!).kind === 'selector';
    return isTimeOfSample || !TIME_DEPENDENT_FUNCTIONS.has(name);
  }
}

export function withoutParentheses(expression: Expression): Exclude<Expression, { kind: 'parenthesis' }> {
  let inner = expression;
  while (inner.kind === 'parenthesis') {
    inner = inner.expression;
  }
  return inner;
}
