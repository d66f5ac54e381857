import type { AggregateExpression, BinaryExpression, Expression, UnaryExpression } from '../syntax/ast.js';
import { SET_OPERATORS, type SetOperator, type BinaryOperator } from '../syntax/ast.js';
import { typeOf } from '../syntax/parser/checks.js';
import { evaluateAggregate } from './aggregation/aggregate-call.js';
import type { FoldedGroups } from './aggregation/folded-groups.js';
import type { Annotations } from './result/annotations.js';
import { computedColumn, withNamesDropped, type Column } from './series/column.js';
import { PromqlExecutionError } from './errors.js';
import type { Evaluation } from './evaluation.js';
import { evaluateScalarCall, evaluateVectorCall } from './functions/function-call.js';
import { hasMetadata } from './series/labels.js';
import type { QueryPlan } from './series/plan.js';
import type { QueryBudget } from './query-budget.js';
import { combineScalars, combineWithScalar } from './operators/scalar-operators.js';
import { selectInstant } from './series/selectors.js';
import type { SeriesSource } from './series/series-source.js';
import { combineSets } from './operators/set-operators.js';
import { StepInvariance } from './step-invariance.js';
import type { TimeSteps } from './time-steps.js';
import { combineVectors } from './operators/vector-matching.js';

/** Evaluates the tree of a query. Each node is evaluated for all its steps at once, one series at a time. */
export class Evaluator implements Evaluation {
  private readonly invariance = new StepInvariance();

  constructor(
    readonly plan: QueryPlan,
    readonly source: SeriesSource,
    readonly budget: QueryBudget,
    readonly annotations: Annotations,
    readonly folded: ReadonlyMap<AggregateExpression, FoldedGroups>,
  ) {}

  vector(expression: Expression, steps: TimeSteps): readonly Column[] {
    this.budget.poll();
    if (steps.count > 1 && this.invariance.isInvariant(expression)) {
      return this.vector(expression, { ...steps, count: 1 }).map((column) => this.repeat(column, steps.count));
    }
    const columns = this.vectorOf(expression, steps);
    const isNameToGo = columns.some(({ dropsName, labels }) => dropsName && hasMetadata(labels));
    return isNameToGo && !this.plan.delaysNameRemoval ? withNamesDropped(columns) : columns;
  }

  private vectorOf(expression: Expression, steps: TimeSteps): readonly Column[] {
    switch (expression.kind) {
      case 'parenthesis':
        return this.vector(expression.expression, steps);
      case 'unary':
        return this.unaryVector(expression, steps);
      case 'binary':
        return this.binaryVector(expression, steps);
      case 'aggregate':
        return evaluateAggregate(this, expression, steps);
      case 'call':
        return evaluateVectorCall(this, expression, steps);
      case 'selector':
        return selectInstant(this, expression, steps);
      case 'number':
      case 'string':
      case 'range':
      case 'subquery':
        throw new PromqlExecutionError(`expected an instant vector, got ${expression.kind}`);
    }
  }

  scalar(expression: Expression, steps: TimeSteps): Float64Array {
    if (steps.count > 1 && this.invariance.isInvariant(expression)) {
      return new Float64Array(steps.count).fill(this.scalar(expression, { ...steps, count: 1 })[0]!);
    }
    this.budget.take(steps.count);
    switch (expression.kind) {
      case 'number':
        return new Float64Array(steps.count).fill(expression.value);
      case 'parenthesis':
        return this.scalar(expression.expression, steps);
      case 'unary': {
        const values = this.scalar(expression.expression, steps);
        return expression.operator === '-' ? values.map((value) => -value) : values;
      }
      case 'binary': {
        const { operator, left, right } = expression;
        if (!isSetOperator(operator)) {
          return combineScalars(operator, this.scalar(left, steps), this.scalar(right, steps));
        }
        break;
      }
      case 'call':
        return evaluateScalarCall(this, expression, steps);
      case 'string':
      case 'aggregate':
      case 'selector':
      case 'range':
      case 'subquery':
        break;
    }
    throw new PromqlExecutionError(`expected a number, got ${expression.kind}`);
  }

  private repeat(column: Column, count: number): Column {
    this.budget.take(count);
    return {
      ...column,
      values: new Float64Array(count).fill(column.values[0]!),
      present: new Uint8Array(count).fill(column.present[0]!),
    };
  }

  private unaryVector({ operator, expression }: UnaryExpression, steps: TimeSteps): readonly Column[] {
    const columns = this.vector(expression, steps);
    this.budget.take(columns.length * steps.count);
    return operator === '+'
      ? columns
      : columns.map((column) =>
          computedColumn(
            column,
            column.values.map((value) => -value),
          ),
        );
  }

  private binaryVector(expression: BinaryExpression, steps: TimeSteps): Column[] {
    const { operator, left, right, returnsBool, matching } = expression;
    const isScalarLeft = typeOf(left) === 'scalar';
    if (isScalarLeft || typeOf(right) === 'scalar') {
      const [vectorSide, scalarSide] = isScalarLeft ? [right, left] : [left, right];
      const scalar = this.scalar(scalarSide, steps);
      const vector = this.vector(vectorSide, steps);
      this.budget.take(vector.length * steps.count);
      if (isSetOperator(operator)) {
        throw new PromqlExecutionError(`set operator "${operator}" not allowed in binary scalar expression`);
      }
      return combineWithScalar({ operator, returnsBool, vector, scalar, isScalarLeft });
    }
    const sides = { left: this.vector(left, steps), right: this.vector(right, steps), steps: steps.count };
    this.budget.take((sides.left.length + sides.right.length) * steps.count);
    return isSetOperator(operator)
      ? combineSets({ ...sides, operator, matching: matching! })
      : combineVectors({ ...sides, operator, returnsBool, matching: matching!, budget: this.budget });
  }
}

function isSetOperator(operator: BinaryOperator): operator is SetOperator {
  return SET_OPERATORS.some((set) => set === operator);
}
