import { ApiProperty } from '@nestjs/swagger';
import { JSON_NUMBER, type JsonNumber } from '../../../http/answers/json-number.js';
import type { Temporality } from '../../../catalog/metric/metric.js';

/** A series and its current value. */
export class ListedSeriesResponse {
  id: number;
  metric: string;

  /** @example { "status": "200" } */
  labels: Record<string, string>;

  /** The temporality: whether the samples are increments or totals; null for a gauge whose samples are values. */
  temporality: Temporality | null;
  createdAt: string;

  /** The time at which a sample last arrived; null if none has arrived. */
  lastPushAt: string | null;

  /**
   * The value that `/metrics` shows: the total of a series of deltas, or the last value of any other series. It is null before
   * the first sample, and while the series is stale. An infinite value is written as the text `+Inf` or `-Inf`.
   */
  @ApiProperty(JSON_NUMBER)
  value: JsonNumber | null;
}

/** A page of series. */
export class SeriesResponse {
  /** The series, in the order of their creation. */
  series: ListedSeriesResponse[];

  /** The cursor for the next page; null on the last page. */
  nextCursor: string | null;
}
