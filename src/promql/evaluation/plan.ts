import type { AtModifier, Expression, FunctionCall, LabelMatcher, ValueType, VectorSelector } from '../syntax/ast.js';
import { typeOf } from '../syntax/checks.js';
import { PromqlPlanError } from './errors.js';
import { infoMatchers, infoTime } from './info-selection.js';
import { splitView } from './selector-view.js';
import type { SelectRequest, View } from './series-source.js';
import { lastTime, referenceTime, subquerySteps, type TimeSteps } from './time-steps.js';

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
  walk.visit(expression, { fromMs: steps.startMs, toMs: lastTime(steps) });
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

/** Times of evaluation, both inclusive. */
interface TimeSpan {
  readonly fromMs: number;
  readonly toMs: number;
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
  readonly requests: SelectRequest[] = [];
  readonly requestOf = new Map<VectorSelector | FunctionCall, number>();
  private readonly placeByKey = new Map<string, number>();

  constructor(private readonly options: PlanOptions) {}

  visit(expression: Expression, span: TimeSpan): void {
    switch (expression.kind) {
      case 'number':
      case 'string':
        return;
      case 'parenthesis':
      case 'unary':
        this.visit(expression.expression, span);
        return;
      case 'binary':
        this.visit(expression.left, span);
        this.visit(expression.right, span);
        return;
      case 'aggregate':
        this.visit(expression.expression, span);
        if (expression.parameter !== null) {
          this.visit(expression.parameter, span);
        }
        return;
      case 'call':
        this.visitCall(expression, span);
        return;
      case 'selector':
        this.select(expression, span, this.options.lookbackMs);
        return;
      case 'range':
        this.select(expression.selector, span, expression.rangeMs);
        return;
      case 'subquery': {
        const { fromMs, toMs } = this.referenceSpan(expression, span);
        const stepMs = expression.stepMs ?? this.options.defaultSubqueryStepMs;
        const steps = subquerySteps(fromMs - expression.rangeMs, toMs, stepMs);
        if (steps.count > 0) {
          this.visit(expression.expression, { fromMs: steps.startMs, toMs: lastTime(steps) });
        }
      }
    }
  }

  private visitCall(call: FunctionCall, span: TimeSpan): void {
    if (call.name !== 'info') {
      for (const argument of call.arguments) {
        this.visit(argument, span);
      }
      return;
    }
    this.visit(call.arguments[0]!, span);
    const infoSpan = this.referenceSpan(infoTime(call.arguments[0]!), span);
    this.requestOf.set(call, this.request(infoMatchers(call), infoSpan, this.options.lookbackMs));
  }

  private referenceSpan({ at, offsetMs }: Pick<VectorSelector, 'at' | 'offsetMs'>, span: TimeSpan): TimeSpan {
    const pinnedMs = pinnedTime(at, this.options.startMs, this.options.endMs);
    return {
      fromMs: referenceTime(span.fromMs, pinnedMs, offsetMs),
      toMs: referenceTime(span.toMs, pinnedMs, offsetMs),
    };
  }

  private select(selector: VectorSelector, span: TimeSpan, reachMs: number): void {
    const place = this.request(selector.matchers, this.referenceSpan(selector, span), reachMs);
    this.requestOf.set(selector, place);
  }

  /**
   * Equal requests are read once.
   *
   * @param reachMs how far the selector looks back; the left end is open
   * @returns the place of the request
   */
  private request(given: readonly LabelMatcher[], { fromMs, toMs }: TimeSpan, reachMs: number): number {
    const { matchers, view } = splitView(given, this.options.defaultView);
    const endMs = view === 'held' ? toMs + this.options.heldGridMs : toMs;
    const request: SelectRequest = { view, matchers, startMs: fromMs - reachMs + 1, endMs };
    const key = JSON.stringify(request);
    let place = this.placeByKey.get(key);
    if (place === undefined) {
      place = this.requests.push(request) - 1;
      this.placeByKey.set(key, place);
    }
    return place;
  }
}
