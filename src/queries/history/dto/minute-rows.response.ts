import { labelsFromText } from '../../../catalog/series/label-set.js';
import type { MinuteRow } from '../listing/minute-rows.js';
import { RangeResponse } from './range.response.js';

/** What a series held at the end of one minute. */
export class MinuteRowResponse {
  name: string;

  /** The running total of a delta counter, otherwise the last value. */
  value: number;

  /** Absent without labels. */
  labels?: Record<string, string>;

  /**
   * The minute (UTC).
   * @example 2026-11-24T12:00:00.000Z
   */
  timestamp: string;

  static of({ series, minute, value }: MinuteRow): MinuteRowResponse {
    return {
      name: series.metric.name,
      value,
      ...(series.labelsText !== '' && { labels: labelsFromText(series.labelsText) }),
      timestamp: new Date(minute).toISOString(),
    };
  }
}

/** Unleash's listing, in pages. */
export class MinuteRowsResponse extends RangeResponse {
  /** One for each series and minute with a push, in the order of minutes. */
  metrics: MinuteRowResponse[];

  /** Rows on this page. */
  count: number;

  /** Names on this page, in the order in which they appear. */
  metricNames: string[];

  /** For the next page; absent on the last one. */
  nextCursor?: string;
}
