import type { Expression } from '../syntax/ast.js';
import type { Annotations } from './result/annotations.js';
import type { Column } from './series/column.js';
import type { QueryPlan } from './series/plan.js';
import type { QueryBudget } from './query-budget.js';
import type { SeriesSource } from './series/series-source.js';
import type { TimeSteps } from './time-steps.js';

/** One run of a query as its operations see it: its options, and functions to evaluate an operand. */
export interface Evaluation {
  readonly plan: QueryPlan;
  readonly source: SeriesSource;
  readonly budget: QueryBudget;
  readonly annotations: Annotations;
  /** Returns the series of an instant vector. */
  vector(expression: Expression, steps: TimeSteps): readonly Column[];
  /** Returns a number for each step. */
  scalar(expression: Expression, steps: TimeSteps): Float64Array;
}
