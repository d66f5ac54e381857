import { labelsFromText } from '../../../catalog/series/label-set.js';
import type { Sample } from '../samples/ordered-samples.js';
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
   * The value as it was pushed: the increment of a delta counter, the client's total of a cumulative one. Null is a stale marker:
   * the series has no value from this time until its next sample.
   */
  value: number | null;

  static of({ series, at, value }: Sample): SampleResponse {
    return {
      seriesId: series.id,
      labels: labelsFromText(series.labelsText),
      at: new Date(at).toISOString(),
      value: Number.isNaN(value) ? null : value,
    };
  }
}

/** A page of raw samples. */
export class SamplesResponse extends RangeResponse {
  metric: string;

  /** Ordered by time, then by series, then by arrival. */
  samples: SampleResponse[];

  /** Cursor for the next page; null on the last page. */
  nextCursor: string | null;
}
