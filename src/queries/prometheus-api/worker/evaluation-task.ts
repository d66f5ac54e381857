import type { QueryPlan } from '../../../promql/evaluation/series/plan.js';
import type { View } from '../../../promql/evaluation/series/series-source.js';
import type { PrometheusErrorType } from '../answers/prometheus.error.js';
import type { FetchedPage, StatementValue } from '../../../sample-store/reading/statements.js';
import type { HoldingRules } from '../holding-rules.js';
import type { PackedSeries } from './packed-series.js';
import type { PackedNames } from './packed-names.js';

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

/** The samples that a selector needs, in milliseconds since the epoch; see SampleQuery. */
export interface StoredRange {
  readonly from: number;
  readonly to: number;
  readonly needsBefore: boolean;
  readonly firstValueAt: number | undefined;
  readonly edges: Float64Array | undefined;
  readonly seriesCount: number;
}

/** The samples that a worker reads itself. The main thread only runs its statements. */
export interface StoredInput {
  /** The name of the schema of the store. */
  readonly schema: string;
  /** The range of each selector. */
  readonly ranges: readonly StoredRange[];
  /** The selectors whose series need not be present at once. */
  readonly foldable: ReadonlySet<number>;
  readonly maxSamples: number;
  readonly maxSeries: number;
}

/** A message from the main thread to a worker. A task is sent after its series, or with the description of those to read. */
export type MessageToWorker =
  | ({ readonly kind: 'series'; readonly selector: number } & PackedSeries)
  | { readonly kind: 'task'; readonly task: EvaluationTask }
  | { readonly kind: 'read'; readonly task: EvaluationTask; readonly stored: StoredInput }
  /** The answer to a {@link WorkerRequest}. */
  | { readonly kind: 'page'; readonly page: FetchedPage | null }
  | { readonly kind: 'names'; readonly names: PackedNames }
  /** One part of the answer has been taken. */
  | { readonly kind: 'taken' };

/** Something that a worker needs while it reads. The main thread answers requests in their order. */
export type WorkerRequest = RequestKind & {
  /** The bytes of pages that the worker no longer needs. */
  readonly used?: readonly Uint8Array<ArrayBuffer>[];
};

type RequestKind =
  /** The next series of a selector, in the order of their ids; none after the last one. */
  | { readonly kind: 'names'; readonly selector: number; readonly count: number }
  | { readonly kind: 'query'; readonly sql: string; readonly values: readonly StatementValue[] }
  /** The first page of a cursor. */
  | {
      readonly kind: 'open';
      readonly sql: string;
      readonly values: readonly StatementValue[];
      readonly bytesPerPage: number;
    }
  /** The next page of the cursor; null after the last one. */
  | { readonly kind: 'next' }
  /** Ends the cursor before its last page. */
  | { readonly kind: 'close' };

/** A message from a worker to the main thread. */
export type MessageFromWorker =
  | { readonly kind: 'request'; readonly request: WorkerRequest }
  /** Everything is read, so the view of the store is no longer needed. */
  | { readonly kind: 'read' }
  | { readonly kind: 'part'; readonly bytes: Uint8Array<ArrayBuffer>; readonly isLast: boolean }
  | { readonly kind: 'failed'; readonly errorType: PrometheusErrorType; readonly message: string };

/** Maximum number of parts that a worker produces before the receiver takes them. */
export const PARTS_AHEAD = 8;
