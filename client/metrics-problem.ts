/** The reason why a value, sample or batch was dropped or refused, or must be sent again. */
export type ProblemReason =
  /** A value was dropped, because the metric's name is not a string, is empty, or is too long. */
  | 'invalid_name'
  /** A value was dropped, because it is not finite, is negative in a counter or histogram, or would make the sum infinite. */
  | 'invalid_value'
  /** A value was dropped, because its labels are not an object of strings, numbers and booleans, or are too long. */
  | 'invalid_labels'
  /** A value was dropped, because the histogram's buckets are not finite and ascending, or are too many for a request. */
  | 'invalid_buckets'
  /** A value was dropped, because its name belongs to a metric of another kind or with other buckets. */
  | 'metric_conflict'
  /** A value was dropped, because `maxSeries` series were waiting to be sent, or because there were `maxSeries` metrics. */
  | 'too_many_series'
  /** A value was dropped, because the client was closed; or a batch was not acknowledged before the client was closed. */
  | 'closed'
  /** A batch was given up, because the server has refused it and would refuse it again. */
  | 'refused'
  /** A batch was given up: it was tried for `retryForMs`, after which the server may have forgotten its key. */
  | 'expired'
  /** The server stored a batch without some of its samples. */
  | 'rejected'
  /** A batch will be sent again, because the server can't accept it now. */
  | 'unavailable'
  /** A batch will be sent again, because there was no answer. */
  | 'unreachable';

/** A sample that the server has refused, in a batch that it has otherwise stored. */
export interface RejectedItem {
  /** The index of the sample in the batch. */
  readonly index: number;
  readonly reason: string;
  /** A text that says what was wrong, which limit applies, and how to fix it. */
  readonly message: string;
}

/** A problem that is passed to `onError` and `onDropped`. */
export interface MetricsProblem {
  readonly reason: ProblemReason;
  /** A description for humans. */
  readonly message: string;
  /** The number of lost values or samples; 0 if the batch will be sent again. */
  readonly dropped: number;
  /** The HTTP status of the answer, if there was one. */
  readonly status?: number;
  /** The first refused samples, if the reason is `rejected`. */
  readonly rejected?: readonly RejectedItem[];
  /** The error, if the reason is `unreachable`. */
  readonly cause?: unknown;
}
