import type {
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
import { splitView } from './selector-view.js';
import type { SelectRequest, View } from './series-source.js';
import { lastTime, referenceTime, subquerySteps, type TimeSteps } from '../time-steps.js';
import { edgesToTell, valueEdges } from '../range-functions/value-edges.js';

export interface PlanOptions {
  /** The text of the query, which positions in warnings are told in. */
  readonly query: string;
  readonly kind: 'instant' | 'range';
  readonly startMs: number;
  /** The same as the start for an instant query. */
  readonly endMs: number;
  /** Of a range query; an instant query has none (0). */
  readonly stepMs: number;
  /** How long a sample of the raw and the delta view counts as current. */
  readonly lookbackMs: number;
  /** The view of a selector that does not choose one. */
  readonly defaultView: View;
  /** The widest grid of the held view: a counter held 0 so long before its first push. */
  readonly heldGridMs: number;
  /** The clock. Nothing is pushed yet after it, so that no value is held on into the future as if it were known. */
  readonly nowMs: number;
  readonly defaultSubqueryStepMs: number;
  /**
   * How long a stretch of a counter's deltas the store has a sum for: edges are told where that helps reading. Infinity: never.
   */
  readonly summedSpanMs: number;
  /** Steps of a range query at most; Prometheus' 11,000 keep an answer drawable. */
  readonly maxPointsPerSeries: number;
  /** As Prometheus with `--enable-feature=promql-delayed-name-removal`; see {@link QueryPlan.delaysNameRemoval}. */
  readonly delaysNameRemoval?: boolean;
}

/** What to read for a query and how to evaluate it then. Plain values: it may be sent to a worker thread. */
export interface QueryPlan {
  readonly query: string;
  readonly kind: 'instant' | 'range';
  readonly expression: Expression;
  readonly resultType: ValueType;
  readonly steps: TimeSteps;
  /** As asked, not cut to whole steps: what `@ end()` and `end()` mean. */
  readonly endMs: number;
  readonly lookbackMs: number;
  readonly nowMs: number;
  readonly defaultSubqueryStepMs: number;
  /**
   * A name that no longer fits its value goes at the end of the query, and tells series apart until then. Otherwise it
   * goes at once, as in Prometheus unless told otherwise, and two series that only it told apart are an error.
   */
  readonly delaysNameRemoval: boolean;
  readonly requests: readonly SelectRequest[];
  /** The place of each selector's request; a call of `info` has one too, for the series that it reads labels from. */
  readonly requestOf: ReadonlyMap<VectorSelector | FunctionCall, number>;
}

/**
 * Says what a query needs to read.
 *
 * @throws PromqlPlanError for too many points, a range query of a matrix or a string, or a wrong view
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

/** Whose value depends on a counter that only rises no more than at the ends of the window. */
const RATES: ReadonlySet<string> = new Set(['rate', 'increase']);

interface Selected {
  readonly matchers: readonly LabelMatcher[];
  readonly steps: TimeSteps;
  readonly modifiers: Pick<VectorSelector, 'at' | 'offsetMs'>;
  /** How far the selector looks back; the left end is open. */
  readonly reachMs: number;
  /** Whether only the ends of the reach matter; of an instant selector, only the step. */
  readonly edges: 'window' | 'step' | 'unknown';
}

interface PlannedRequest {
  readonly request: Omit<SelectRequest, 'edges'>;
  edges: readonly number[] | null;
}

/** `@ start()` and `@ end()` are those of the query, also inside a subquery. */
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
    return this.planned.map(({ request, edges }) => ({
      ...request,
      edges: edges === null ? null : edgesToTell(edges, request.startMs, this.options),
    }));
  }

  /** @param isRated whether it is what `rate` or `increase` is called with */
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

  /** Which time a selector or subquery looks at when it is evaluated at another. */
  private referenceOf({ at, offsetMs }: Selected['modifiers']): (timeMs: number) => number {
    const pinnedMs = pinnedTime(at, this.options.startMs, this.options.endMs);
    return (timeMs) => referenceTime(timeMs, pinnedMs, offsetMs);
  }

  private select(selector: VectorSelector, how: Pick<Selected, 'steps' | 'reachMs' | 'edges'>): void {
    this.requestOf.set(selector, this.request({ ...how, matchers: selector.matchers, modifiers: selector }));
  }

  /**
   * Equal requests are read once.
   *
   * @returns the place of the request
   */
  private request({ matchers: given, steps, modifiers, reachMs, edges: kind }: Selected): number {
    const { matchers, view } = splitView(given, this.options.defaultView);
    const toReference = this.referenceOf(modifiers);
    const toMs = toReference(lastTime(steps));
    const endMs = view === 'held' ? toMs + this.options.heldGridMs : toMs;
    const request = { view, matchers, startMs: toReference(steps.startMs) - reachMs + 1, endMs };
    const rangeMs = kind === 'window' ? reachMs : null;
    const edges =
      view === 'held' && kind !== 'unknown' ? valueEdges({ steps, toReference, rangeMs }, this.options) : null;
    const key = JSON.stringify(request);
    const place = this.placeByKey.get(key);
    if (place === undefined) {
      this.placeByKey.set(key, this.planned.length);
      return this.planned.push({ request, edges }) - 1;
    }
    const known = this.planned[place]!;
    known.edges = known.edges === null || edges === null ? null : [...known.edges, ...edges];
    return place;
  }
}
