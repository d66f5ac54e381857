import type { RefusalReason } from '../../catalog/refusal.js';
import type { InstrumentLabels } from './instrument-labels.js';

/** One sample, with the same properties as in a push over HTTP. */
export interface PushedItem {
  readonly name: string;
  /** For a counter, the increase (or the running total, with `cumulative`); for a gauge, the value. */
  readonly value: number;
  readonly labels?: InstrumentLabels;
  /** By default, names that end in `_total`, `_count`, `_sum` or `_bucket` are counters, all others gauges. */
  readonly type?: 'counter' | 'gauge';
  readonly temporality?: 'delta' | 'cumulative';
  readonly help?: string;
  readonly unit?: string;
  /** The time of the measurement, as a Date or in milliseconds since the epoch. The default is now. */
  readonly timestamp?: Date | number;
}

/** An item that was not stored. */
export interface RejectedItem {
  /** The index of the item in the push, counted from 0. */
  readonly index: number;
  /** A machine-readable code. */
  readonly reason: RefusalReason;
  /** A text that says what was wrong, which limit applies, and what to do. */
  readonly message: string;
}

/** The result of a push, after the commit. */
export interface PushResult {
  /** The number of items that were stored. */
  readonly accepted: number;
  readonly rejected: readonly RejectedItem[];
}
