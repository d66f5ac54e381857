import type { QueryPlan } from '../../../promql/evaluation/series/plan.js';
import type { View } from '../../../promql/evaluation/series/series-source.js';
import type { PrometheusErrorType } from '../answers/prometheus.error.js';
import type { HoldingRules } from '../holding-rules.js';
import type { PackedSeries } from './packed-series.js';

/** The view in which a selector sees its samples, and where they begin. */
export interface SelectionView {
  readonly view: View;
  /** The start of the range that was read, in ms since the epoch. */
  readonly readFromMs: number;
}

/** A query to evaluate. The series of its selectors are sent separately. */
export interface QueryTask {
  readonly kind: 'query';
  readonly plan: QueryPlan;
  /** Maximum number of series in the answer; 0 means all. */
  readonly limit: number;
  readonly rules: HoldingRules;
  /** The selections, in the order of the plan's selectors. */
  readonly selections: readonly SelectionView[];
  readonly maxSamples: number;
  readonly maxSeries: number;
  /** The deadline in milliseconds of the clock that all threads share (`shared-clock.ts`). */
  readonly deadline: number;
}

/** The part of a remote_read request for one selector. */
export interface ReadRange {
  readonly startMs: number;
  /** The end, inclusive. */
  readonly endMs: number;
  readonly gridMs: number;
}

/** A read of samples, either as they are or as a value that holds on a grid. */
export interface ReadTask {
  readonly kind: 'read';
  readonly rules: HoldingRules;
  readonly selections: readonly (SelectionView & ReadRange)[];
  /** The current time by the database's clock, in ms since the epoch. No value is held beyond it. */
  readonly nowMs: number;
  readonly maxSamples: number;
}

export type EvaluationTask = QueryTask | ReadTask;

/**
 * A message from the main thread to a worker. A task is sent after its series. A query with slices is sent as `begin` before its
 * slices: each slice consists of `series` messages and one `fold`, and `finish` follows the last slice.
 */
export type MessageToWorker =
  | ({ readonly kind: 'series'; readonly selector: number } & PackedSeries)
  | { readonly kind: 'task'; readonly task: EvaluationTask }
  | { readonly kind: 'begin'; readonly task: QueryTask }
  | { readonly kind: 'fold'; readonly selector: number }
  | { readonly kind: 'finish' }
  /** One part of the answer has been taken. */
  | { readonly kind: 'taken' };

/** A message from a worker to the main thread. */
export type MessageFromWorker =
  /** A slice has been folded into the result, and its series are dropped. */
  | { readonly kind: 'folded' }
  | { readonly kind: 'part'; readonly bytes: Uint8Array<ArrayBuffer>; readonly isLast: boolean }
  | { readonly kind: 'failed'; readonly errorType: PrometheusErrorType; readonly message: string };

/** Maximum number of parts that a worker produces before the receiver takes them. */
export const PARTS_AHEAD = 8;
