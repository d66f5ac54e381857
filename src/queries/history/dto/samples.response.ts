import { labelsFromText } from '../../../catalog/series/label-set.js';
import type { Sample } from '../samples/ordered-samples.js';
import { RangeResponse } from './range.response.js';

/** One raw sample. */
export class SampleResponse {
  /** As in `/api/history/series`. */
  seriesId: number;

  /** @example { "status": "200" } */
  labels: Record<string, string>;

  /** @example 2026-11-24T12:00:00.000Z */
  at: string;

  /**
   * As it was pushed: of a delta counter what was added, of a cumulative one the sender's total. Null is a stale marker: from
   * here to the next sample the series has no value.
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

  /** In the order of time, then of series, then of arrival. */
  samples: SampleResponse[];

  /** For the next page; null on the last one. */
  nextCursor: string | null;
}
