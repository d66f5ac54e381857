import { ApiProperty } from '@nestjs/swagger';
import { JSON_NUMBER, type JsonNumber, jsonNumberOf } from '../../../http/answers/json-number.js';
import { labelsFromText } from '../../../catalog/series/label-set.js';
import type { MinuteRow } from '../listing/minute-rows.js';
import { RangeResponse } from './range.response.js';

/** The value of a series at the end of one minute. */
export class MinuteRowResponse {
  name: string;

  /** The running total of a series of deltas, or the last value of any other series. */
  @ApiProperty({ ...JSON_NUMBER, nullable: false })
  value: JsonNumber;

  /** The labels; absent if the series has none. */
  labels?: Record<string, string>;

  /**
   * The beginning of the minute, in UTC.
   * @example 2026-11-24T12:00:00.000Z
   */
  timestamp: string;

  static of({ series, minute, value }: MinuteRow): MinuteRowResponse {
    return {
      name: series.metric.name,
      value: jsonNumberOf(value)!,
      ...(series.labelsText !== '' && { labels: labelsFromText(series.labelsText) }),
      timestamp: new Date(minute).toISOString(),
    };
  }
}

/** A page of Unleash's listing. */
export class MinuteRowsResponse extends RangeResponse {
  /** One row for each series and each minute in which it was pushed, in the order of minutes. */
  metrics: MinuteRowResponse[];

  /** The number of rows on this page. */
  count: number;

  /** The names on this page, in the order in which they appear. */
  metricNames: string[];

  /** The cursor for the next page; absent on the last page. */
  nextCursor?: string;
}
