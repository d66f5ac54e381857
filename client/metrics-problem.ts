/** Why something was dropped, refused, or has to be sent again. */
export type ProblemReason =
  /** A value was not taken, because the metric's name is no text, empty, or too long. */
  | 'invalid_name'
  /** … it is no finite number, is negative where only a rise can be counted, or the sum would be infinite. */
  | 'invalid_value'
  /** … the labels are no object of texts, numbers and booleans, or are too long. */
  | 'invalid_labels'
  /** … the histogram's buckets are no rising list of finite numbers, or too many for a request. */
  | 'invalid_buckets'
  /** … the name belongs to a metric of another kind. */
  | 'metric_conflict'
  /** … `maxSeries` were waiting to be sent. */
  | 'too_many_series'
  /** … the client was closed. A batch: it was not acknowledged before the client closed. */
  | 'closed'
  /** A batch was given up: the server refuses it, and would again. */
  | 'refused'
  /** A batch was given up: it was tried for `retryForMs`, and the server may not know its key any more. */
  | 'expired'
  /** The server stored a batch without some of its samples. */
  | 'rejected'
  /** A batch will be sent again: the server can't take it now. */
  | 'unavailable'
  /** A batch will be sent again: there was no answer. */
  | 'unreachable';

/** A sample that the server did not take from a batch. */
export interface RejectedItem {
  /** Its place in the batch. */
  readonly index: number;
  readonly reason: string;
  /** What was wrong, which limit, and what to do. */
  readonly message: string;
}

/** What `onError` and `onDropped` are told. */
export interface MetricsProblem {
  readonly reason: ProblemReason;
  /** For people. */
  readonly message: string;
  /** How much is lost: calls that were not taken, or samples of a batch. 0 if the batch will be sent again. */
  readonly dropped: number;
  /** Of the answer, if there was one. */
  readonly status?: number;
  /** With the reason `rejected`: the first of what was not taken. */
  readonly rejected?: readonly RejectedItem[];
  /** What the network said. */
  readonly cause?: unknown;
}
