import type { QueryPlan } from '../../../promql/evaluation/series/plan.js';
import type { View } from '../../../promql/evaluation/series/series-source.js';
import type { PrometheusErrorType } from '../answers/prometheus.error.js';
import type { PackedSeries } from './packed-series.js';

/** How the samples of a selector are to be seen. */
export interface SelectionView {
  readonly view: View;
  /** Where reading began, ms since the epoch. */
  readonly readFromMs: number;
}

/** How long values hold, and on which grid a range sees them. Infinity = until the next push. */
export interface HoldingRules {
  readonly gridMs: number;
  readonly gaugeTimeToLiveMs: number;
  readonly counterTimeToLiveMs: number;
}

/** A query to evaluate, on the samples of its selectors. */
export interface QueryTask {
  readonly kind: 'query';
  readonly plan: QueryPlan;
  /** Most series in the answer; 0 = all. */
  readonly limit: number;
  readonly rules: HoldingRules;
  /** In the order of the plan's selectors. */
  readonly selections: readonly SelectionView[];
  readonly maxSamples: number;
  readonly maxSeries: number;
  /** Milliseconds by the clock that all threads share (`shared-clock.ts`). */
  readonly deadline: number;
}

/** Part of a remote_read request, for one selector. */
export interface ReadRange {
  readonly startMs: number;
  /** Inclusive. */
  readonly endMs: number;
  readonly gridMs: number;
}

/** Samples to be answered as they are, or as they hold on a grid. */
export interface ReadTask {
  readonly kind: 'read';
  readonly rules: HoldingRules;
  readonly selections: readonly (SelectionView & ReadRange)[];
  /** The database's clock, ms since the epoch: no value is held beyond it. */
  readonly nowMs: number;
  readonly maxSamples: number;
}

export type EvaluationTask = QueryTask | ReadTask;

/** What the main thread says to a worker. A task follows its series. */
export type MessageToWorker =
  | ({ readonly kind: 'series'; readonly selectors: readonly number[] } & PackedSeries)
  | { readonly kind: 'task'; readonly task: EvaluationTask }
  /** One part of the answer has been taken. */
  | { readonly kind: 'taken' };

/** What a worker says to the main thread. */
export type MessageFromWorker =
  | { readonly kind: 'part'; readonly bytes: Uint8Array<ArrayBuffer>; readonly isLast: boolean }
  | { readonly kind: 'failed'; readonly errorType: PrometheusErrorType; readonly message: string };

/** Parts of an answer that a worker makes ahead of whoever takes them. */
export const PARTS_AHEAD = 8;
