import { ApiProperty } from '@nestjs/swagger';
import { JSON_NUMBER, type JsonNumber } from '../../../http/answers/json-number.js';
import { RangeResponse } from './range.response.js';

/** One raw sample. */
export class SampleResponse {
  /** The id of the series, as in `/api/history/series`. */
  seriesId: number;

  /** @example { "status": "200" } */
  labels: Record<string, string>;

  /** @example 2026-11-24T12:00:00.000Z */
  at: string;

  /**
   * The value as it was pushed: the increment of a series of deltas, the client's total of a cumulative counter, or the value of
   * a gauge. Null is a stale marker, which means that the series has no value from this time until its next sample. An infinite
   * value is written as the text `+Inf` or `-Inf`.
   */
  @ApiProperty(JSON_NUMBER)
  value: JsonNumber | null;
}

/** A page of raw samples. */
export class SamplesResponse extends RangeResponse {
  metric: string;

  /** The samples, ordered by time, then by series, then by arrival. */
  samples: SampleResponse[];

  /** The cursor for the next page; null on the last page. */
  nextCursor: string | null;
}
