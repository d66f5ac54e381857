import type { QueryPlan } from '../../../promql/evaluation/series/plan.js';
import type { View } from '../../../promql/evaluation/series/series-source.js';
import type { PrometheusErrorType } from '../answers/prometheus.error.js';
import type { PackedSeries } from './packed-series.js';

/** How a selector sees its samples. */
export interface SelectionView {
  readonly view: View;
  /** Where the read began, ms since the epoch. */
  readonly readFromMs: number;
}

/** How long values hold, and the grid on which a range sees them. Infinity = until the next push. */
export interface HoldingRules {
  readonly gridMs: number;
  readonly gaugeTimeToLiveMs: number;
  readonly counterTimeToLiveMs: number;
}

/** A query to evaluate, on the samples of its selectors. */
export interface QueryTask {
  readonly kind: 'query';
  readonly plan: QueryPlan;
  /** Maximum number of series in the answer; 0 = all. */
  readonly limit: number;
  readonly rules: HoldingRules;
  /** In the order of the plan's selectors. */
  readonly selections: readonly SelectionView[];
  readonly maxSamples: number;
  readonly maxSeries: number;
  /** In milliseconds of the clock that all threads share (`shared-clock.ts`). */
  readonly deadline: number;
}

/** The part of a remote_read request for one selector. */
export interface ReadRange {
  readonly startMs: number;
  /** Inclusive. */
  readonly endMs: number;
  readonly gridMs: number;
}

/** Samples to be returned as they are, or as a value that holds on a grid. */
export interface ReadTask {
  readonly kind: 'read';
  readonly rules: HoldingRules;
  readonly selections: readonly (SelectionView & ReadRange)[];
  /** The database's clock, ms since the epoch: no value is held beyond it. */
  readonly nowMs: number;
  readonly maxSamples: number;
}

export type EvaluationTask = QueryTask | ReadTask;

/** A message from the main thread to a worker. A task follows its series. */
export type MessageToWorker =
  | ({ readonly kind: 'series'; readonly selectors: readonly number[] } & PackedSeries)
  | { readonly kind: 'task'; readonly task: EvaluationTask }
  /** One part of the answer has been taken. */
  | { readonly kind: 'taken' };

/** A message from a worker to the main thread. */
export type MessageFromWorker =
  | { readonly kind: 'part'; readonly bytes: Uint8Array<ArrayBuffer>; readonly isLast: boolean }
  | { readonly kind: 'failed'; readonly errorType: PrometheusErrorType; readonly message: string };

/** Maximum number of parts that a worker produces before the receiver takes them. */
export const PARTS_AHEAD = 8;
