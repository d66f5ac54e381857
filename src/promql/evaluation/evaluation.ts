import type { AggregateExpression, Expression } from '../syntax/ast.js';
import type { FoldedGroups } from './aggregation/folded-groups.js';
import type { Annotations } from './result/annotations.js';
import type { Column } from './series/column.js';
import type { QueryPlan } from './series/plan.js';
import type { QueryBudget } from './query-budget.js';
import type { SeriesSource } from './series/series-source.js';
import type { TimeSteps } from './time-steps.js';

/** Gives the operations of a query access to the options of its run, and to functions that evaluate their operands. */
export interface Evaluation {
  readonly plan: QueryPlan;
  readonly source: SeriesSource;
  readonly budget: QueryBudget;
  readonly annotations: Annotations;
  /** The aggregations whose series came in slices, with the groups of all slices. */
  readonly folded: ReadonlyMap<AggregateExpression, FoldedGroups>;
  /** Returns the series of an instant vector. */
  vector(expression: Expression, steps: TimeSteps): readonly Column[];
  /** Returns a number for each step. */
  scalar(expression: Expression, steps: TimeSteps): Float64Array;
}
