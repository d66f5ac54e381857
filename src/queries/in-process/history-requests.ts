import type { MetricType } from '../../catalog/metric/metric.js';
import type { Aggregate } from '../history/aggregates/aggregate.js';

/**
 * A time in the history: a Date, or a text such as `2026-11-24T12:00:00Z`, `now`, `-1h`, or the digits of seconds or milliseconds
 * since the epoch.
 */
export type HistoryTime = Date | string;

/**
 * Labels that a series must have. A list holds alternatives, and an empty text means that the label is absent.
 *
 * @example
 * ```ts
 * { status: ['500', '503'], region: '' }
 * ```
 */
export type LabelSelection = Readonly<Record<string, string | readonly string[]>>;

/** Options of every request in addition to its parameters. */
export interface RequestControl {
  /** Ends the work when the answer is no longer needed. The request then fails with the reason of the signal. */
  readonly signal?: AbortSignal;
}

/** A page of a longer answer. */
interface PageRequest {
  /** Maximum number of rows in the page; 1,000 by default, at most 10,000. */
  readonly limit?: number;
  /** `nextCursor` of the previous page; all other parameters stay the same. */
  readonly cursor?: string | null;
}

/** A time range; by default it is the last hour. */
interface RangeRequest {
  /** The start, inclusive. */
  readonly from?: HistoryTime;
  /** The end, exclusive. */
  readonly to?: HistoryTime;
}

/** A request for metrics; by default for all of them. */
export interface MetricsRequest extends PageRequest {
  /** Words that the name or the help text contains, in any order; upper and lower case are treated alike. */
  readonly search?: string;
  readonly type?: MetricType;
  /**
   * The order; the default is `name`. With `lastPush`, the metrics that were pushed last come first, and with `series`, those
   * with the most series.
   */
  readonly order?: 'name' | 'lastPush' | 'series';
  /** True to list a histogram as one row, without the counters that it consists of. */
  readonly families?: boolean;
}

/** The labels that a series must have and must not have. */
interface LabelledRequest {
  readonly labels?: LabelSelection;
  /** Labels that a series must not have. An empty text excludes series that lack the label. */
  readonly excludedLabels?: LabelSelection;
}

/** A request for series of one metric. */
export interface SeriesRequest extends PageRequest, LabelledRequest {
  /** The exact name. */
  readonly metric: string;
}

/** A request for the labels of one metric, or of all metrics. */
export interface LabelsRequest extends PageRequest, LabelledRequest {
  /** The exact name of a metric. A histogram stands for its counters. */
  readonly metric?: string;
  /** Words that a listed name or value contains, in any order; upper and lower case are treated alike. */
  readonly search?: string;
  /** The start of a range, inclusive. With `from` or `to`, only series with samples in the range are counted. */
  readonly from?: HistoryTime;
  /** The end of the range, exclusive. */
  readonly to?: HistoryTime;
}

/** A request for the values of one label. */
export interface LabelValuesRequest extends LabelsRequest {
  /** The order; `value` by default. With `series`, the values with the most series come first. */
  readonly order?: 'value' | 'series';
}

/** A request for samples of one metric. */
export interface SamplesRequest extends SeriesRequest, RangeRequest {
  /** By time: `asc` by default, or the newest samples first. */
  readonly order?: 'asc' | 'desc';
}

/** A request for samples of one metric as a CSV, which has no pages. */
export interface SamplesCsvRequest extends RangeRequest, LabelledRequest {
  /** The exact name. */
  readonly metric: string;
  /** By time: `asc` by default, or the newest samples first. */
  readonly order?: 'asc' | 'desc';
  /** `csv` by default; `excel` is a CSV that spreadsheets open with numbers as numbers and local times as dates. */
  readonly format?: 'csv' | 'excel';
  /** The locale whose decimal mark `excel` uses, such as `de-DE`. The default is `en-US`. */
  readonly locale?: string;
  /** Time zone of times without an offset and of the times of `excel`, such as `Europe/Berlin`. The default is UTC. */
  readonly tz?: string;
}

/** A request for points of one metric. */
export interface PointsRequest extends RangeRequest, LabelledRequest {
  /** The exact name. */
  readonly metric: string;
  /** Time zone of calendar steps and of times without an offset, such as `Europe/Berlin`. The default is UTC. */
  readonly tz?: string;
  /** The day on which a week begins; `monday` by default. */
  readonly weekStart?: 'monday' | 'sunday';
  /**
   * Length of a bucket: a number of seconds, a text such as `5m`, or a calendar unit such as `1d` or `1mo`. The default is a
   * length that gives about 200 points.
   */
  readonly step?: number | string;
  /**
   * The rule by which the samples of a bucket become a point; by default `increase` for counters and `avg` for gauges. Several
   * rules are computed in one pass.
   */
  readonly aggregate?: Aggregate | readonly Aggregate[];
  /** The label whose values the aggregate `distinct` counts. */
  readonly distinctLabel?: string;
  /** An earlier range that is also returned: the one directly before this range, or this range moved back by a calendar unit. */
  readonly compare?: 'previous' | '1d' | '1w' | '1mo' | '1q' | '1y';
  /** Maximum number of lines: the largest are kept, and one more line combines all others. */
  readonly lines?: number;
  /**
   * Each combination of the values of these labels is a line; `*` makes a line of every series, and by default there is one
   * line.
   */
  readonly groupBy?: string | readonly string[];
}

/** A request that compares the labels of a metric. */
export interface BreakdownRequest extends RangeRequest, LabelledRequest {
  /** The exact name. A histogram stands for its counter `_bucket`. */
  readonly metric: string;
  /** Maximum number of values that are listed for each label; 20 by default, at most 100. */
  readonly values?: number;
}

/** A request for sparklines. */
export interface SparklinesRequest extends RangeRequest {
  /** The exact names of at most 24 metrics. */
  readonly metrics: readonly string[];
  /** Number of points of each sparkline; 48 by default, at most 500. */
  readonly points?: number;
}

/** A time in PromQL: a Date, or a text in the format of RFC 3339 or with seconds since the epoch. */
export type PromqlTime = Date | string;

/** Options of every PromQL query. */
interface PromqlRequest extends RequestControl {
  /** The time that the query may take: seconds, or a text such as `10s`. The setting `promql.timeoutSeconds` is the maximum. */
  readonly timeout?: number | string;
  /** Maximum number of series in the answer; all by default. */
  readonly limit?: number;
  /** The view of selectors that do not choose one; `held` by default. */
  readonly view?: 'held' | 'raw' | 'delta';
}

/** A PromQL query at one time. */
export interface PromqlInstantRequest extends PromqlRequest {
  /** The time of the evaluation; now by default. */
  readonly time?: PromqlTime;
}

/** A PromQL query over a range. */
export interface PromqlRangeRequest extends PromqlRequest {
  /** The first step. */
  readonly start: PromqlTime;
  /** The end of the range. The last step is at or before this time. */
  readonly end: PromqlTime;
  /** The distance between two steps: seconds, or a text such as `5m`. */
  readonly step: number | string;
}
