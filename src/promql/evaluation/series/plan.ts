import type {
  AggregateExpression,
  AtModifier,
  Expression,
  FunctionCall,
  LabelMatcher,
  ValueType,
  VectorSelector,
} from '../../syntax/ast.js';
import { typeOf } from '../../syntax/parser/checks.js';
import { PromqlPlanError } from '../errors.js';
import { infoMatchers, infoTime } from '../info/info-selection.js';
import { foldableRequests } from './foldable-requests.js';
import { splitView } from './selector-view.js';
import type { SelectRequest, View } from './series-source.js';
import { lastTime, referenceTime, subquerySteps, type TimeSteps } from '../time-steps.js';
import { edgesToTell, valueEdges } from '../range-functions/value-edges.js';

export interface PlanOptions {
  /** The text of the query; warnings give positions in it. */
  readonly query: string;
  readonly kind: 'instant' | 'range';
  readonly startMs: number;
  /** The end of the query. For an instant query it equals the start. */
  readonly endMs: number;
  /** The step of a range query, or 0 for an instant query. */
  readonly stepMs: number;
  /** The time for which a sample of the raw or the delta view counts as current. */
  readonly lookbackMs: number;
  /** The view of a selector that does not choose one. */
  readonly defaultView: View;
  /** The distance between two grid points of the held view. A counter has the value 0 from this long before its first push. */
  readonly heldGridMs: number;
  /**
   * The current time. A held value continues beyond it only for the lookback of an instant selector, because later pushes are
   * not known yet.
   */
  readonly nowMs: number;
  readonly defaultSubqueryStepMs: number;
  /**
   * The length of time that one stored sum of a counter's deltas covers; edges are requested where they make reading cheaper.
   * With Infinity, they are never requested.
   */
  readonly summedSpanMs: number;
  /** Maximum number of steps from the start to the end of a range query. Prometheus' limit is 11,000. */
  readonly maxPointsPerSeries: number;
  /**
   * True to behave like Prometheus with `--enable-feature=promql-delayed-name-removal`; see {@link QueryPlan.delaysNameRemoval}.
   */
  readonly delaysNameRemoval?: boolean;
}

/**
 * The plan of a query: the data that it needs, and the way to evaluate it. It has only plain values, so it can be sent to a
 * worker thread.
 */
export interface QueryPlan {
  readonly query: string;
  readonly kind: 'instant' | 'range';
  readonly expression: Expression;
  readonly resultType: ValueType;
  readonly steps: TimeSteps;
  /** The requested end, not rounded to whole steps. `@ end()` and `end()` refer to it. */
  readonly endMs: number;
  readonly lookbackMs: number;
  readonly nowMs: number;
  readonly defaultSubqueryStepMs: number;
  /**
   * True if a name that no longer fits its value is removed only at the end of the query, so that it distinguishes series until
   * then. Otherwise it is removed immediately, which is the default of Prometheus, and two series that differ only by it are an
   * error.
   */
  readonly delaysNameRemoval: boolean;
  readonly requests: readonly SelectRequest[];
  /** The index of the request of each selector. A call of `info` also has one, for the series that it reads labels from. */
  readonly requestOf: ReadonlyMap<VectorSelector | FunctionCall, number>;
  /** The indexes of the requests whose series can be given in slices, with their aggregations: see {@link foldableRequests}. */
  readonly folds: ReadonlyMap<number, readonly AggregateExpression[]>;
}

/**
 * Determines what a query needs to read.
 *
 * @throws PromqlPlanError for an invalid range or step, too many points, a range query of a matrix or a string, or an invalid
 *   view
 */
export function planQuery(expression: Expression, options: PlanOptions): QueryPlan {
  const resultType = typeOf(expression);
  const steps = stepsOf(options, resultType);
  const walk = new SelectorWalk(options);
  walk.visit(expression, steps);
  return {
    query: options.query,
    kind: options.kind,
    expression,
    resultType,
    steps,
    endMs: options.endMs,
    lookbackMs: options.lookbackMs,
    nowMs: options.nowMs,
    defaultSubqueryStepMs: options.defaultSubqueryStepMs,
    delaysNameRemoval: options.delaysNameRemoval ?? false,
    requests: walk.requests,
    requestOf: walk.requestOf,
    folds: foldableRequests(expression, walk.requestOf),
  };
}

function stepsOf({ kind, startMs, endMs, stepMs, maxPointsPerSeries }: PlanOptions, type: ValueType): TimeSteps {
  if (kind === 'instant') {
    return { startMs, stepMs: 1, count: 1 };
  }
  if (type === 'matrix' || type === 'string') {
    const name = type === 'matrix' ? 'range vector' : 'string';
    throw new PromqlPlanError(`invalid expression type "${name}" for range query, must be Scalar or instant Vector`);
  }
  if (!(stepMs > 0)) {
    throw new PromqlPlanError('zero or negative query resolution step widths are not accepted. Try a positive integer');
  }
  if (endMs < startMs) {
    throw new PromqlPlanError('end timestamp must not be before start time');
  }
  if ((endMs - startMs) / stepMs > maxPointsPerSeries) {
    const limit = maxPointsPerSeries.toLocaleString('en-US');
    throw new PromqlPlanError(
      `exceeded maximum resolution of ${limit} points per timeseries. Try decreasing the query resolution (?step=XX)`,
    );
  }
  return { startMs, stepMs, count: Math.floor((endMs - startMs) / stepMs) + 1 };
}

/** Functions whose value depends only on the ends of the window if the counter only rises. */
const RATES: ReadonlySet<string> = new Set(['rate', 'increase']);

interface Selected {
  readonly matchers: readonly LabelMatcher[];
  readonly steps: TimeSteps;
  readonly modifiers: Pick<VectorSelector, 'at' | 'offsetMs'>;
  /** The length of time that the selector looks back, with its left end excluded. */
  readonly reachMs: number;
  /** The samples that matter: the ends of the reach ('window'), the step of an instant selector ('step'), or all ('unknown'). */
  readonly edges: 'window' | 'step' | 'unknown';
}

interface PlannedRequest {
  readonly request: Omit<SelectRequest, 'edges' | 'firstValueMs'>;
  firstValueMs: number | undefined;
  edges: readonly number[] | null;
}

/** Returns the time that an `@` gives, or null without `@`. `@ start()` and `@ end()` refer to the query, even in a subquery. */
export function pinnedTime(at: AtModifier | null, startMs: number, endMs: number): number | null {
  if (at === null) {
    return null;
  }
  if (at === 'start') {
    return startMs;
  }
  return at === 'end' ? endMs : at.timestampMs;
}

class SelectorWalk {
  readonly requestOf = new Map<VectorSelector | FunctionCall, number>();
  private readonly planned: PlannedRequest[] = [];
  private readonly placeByKey = new Map<string, number>();

  constructor(private readonly options: PlanOptions) {}

  get requests(): SelectRequest[] {
    return this.planned.map(({ request, firstValueMs, edges }) => ({
      ...request,
      firstValueMs,
      edges: edges === null ? null : edgesToTell(edges, request.startMs, this.options),
    }));
  }

  /** @param isRated whether the expression is the argument of `rate` or `increase` */
  visit(expression: Expression, steps: TimeSteps, isRated = false): void {
    switch (expression.kind) {
      case 'number':
      case 'string':
        return;
      case 'parenthesis':
        this.visit(expression.expression, steps, isRated);
        return;
      case 'unary':
        this.visit(expression.expression, steps);
        return;
      case 'binary':
        this.visit(expression.left, steps);
        this.visit(expression.right, steps);
        return;
      case 'aggregate':
        this.visit(expression.expression, steps);
        if (expression.parameter !== null) {
          this.visit(expression.parameter, steps);
        }
        return;
      case 'call':
        this.visitCall(expression, steps);
        return;
      case 'selector':
        this.select(expression, { steps, reachMs: this.options.lookbackMs, edges: 'step' });
        return;
      case 'range': {
        const { selector, rangeMs } = expression;
        this.select(selector, { steps, reachMs: rangeMs, edges: isRated ? 'window' : 'unknown' });
        return;
      }
      case 'subquery': {
        const toReference = this.referenceOf(expression);
        const stepMs = expression.stepMs ?? this.options.defaultSubqueryStepMs;
        const fromMs = toReference(steps.startMs) - expression.rangeMs;
        const inner = subquerySteps(fromMs, toReference(lastTime(steps)), stepMs);
        if (inner.count > 0) {
          this.visit(expression.expression, inner);
        }
      }
    }
  }

  private visitCall(call: FunctionCall, steps: TimeSteps): void {
    if (call.name !== 'info') {
      for (const argument of call.arguments) {
        this.visit(argument, steps, RATES.has(call.name));
      }
      return;
    }
    this.visit(call.arguments[0]!, steps);
    const place = this.request({
      matchers: infoMatchers(call),
      steps,
      modifiers: infoTime(call.arguments[0]!),
      reachMs: this.options.lookbackMs,
      edges: 'unknown',
    });
    this.requestOf.set(call, place);
  }

  /** Returns a function from the time of evaluation to the time that a selector or subquery refers to. */
  private referenceOf({ at, offsetMs }: Selected['modifiers']): (timeMs: number) => number {
    const pinnedMs = pinnedTime(at, this.options.startMs, this.options.endMs);
    return (timeMs) => referenceTime(timeMs, pinnedMs, offsetMs);
  }

  private select(selector: VectorSelector, how: Pick<Selected, 'steps' | 'reachMs' | 'edges'>): void {
    this.requestOf.set(selector, this.request({ ...how, matchers: selector.matchers, modifiers: selector }));
  }

  /**
   * Adds a request. Equal requests are combined and read only once.
   *
   * @returns the index of the request
   */
  private request({ matchers: given, steps, modifiers, reachMs, edges: kind }: Selected): number {
    const { matchers, view } = splitView(given, this.options.defaultView);
    const toReference = this.referenceOf(modifiers);
    const toMs = toReference(lastTime(steps));
    const endMs = view === 'held' ? toMs + this.options.heldGridMs : toMs;
    const request = { view, matchers, startMs: toReference(steps.startMs) - reachMs + 1, endMs };
    // At its first step, an instant selector sees the value at the grid point before it.
    const firstValueMs = kind === 'step' ? toReference(steps.startMs) - this.options.heldGridMs : undefined;
    const rangeMs = kind === 'window' ? reachMs : null;
    const edges =
      view === 'held' && kind !== 'unknown' ? valueEdges({ steps, toReference, rangeMs }, this.options) : null;
    const key = JSON.stringify(request);
    const place = this.placeByKey.get(key);
    if (place === undefined) {
      this.placeByKey.set(key, this.planned.length);
      return this.planned.push({ request, firstValueMs, edges }) - 1;
    }
    const known = this.planned[place]!;
    // Equal requests of two instant selectors have the same first step.
    if (firstValueMs === undefined) known.firstValueMs = undefined;
    known.edges = known.edges === null || edges === null ? null : [...known.edges, ...edges];
    return place;
  }
}
