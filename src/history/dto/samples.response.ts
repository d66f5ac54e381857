import { labelsFromText } from '../../catalog/label-set.js';
import type { Series } from '../../catalog/series.js';
import type { Sample } from '../ordered-samples.js';
import type { TimeRange } from '../time-range.js';
import { rangeFields, RangeResponse } from './range.response.js';

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
}

/** A page of raw samples. */
export class SamplesResponse extends RangeResponse {
  metric: string;

  /** In the order of time, then of series, then of arrival. */
  samples: SampleResponse[];

  /** For the next page; null on the last one. */
  nextCursor: string | null;

  static of(metric: string, range: TimeRange, page: readonly Sample[], nextCursor: string | null): SamplesResponse {
    const labelsOfSeries = new Map<Series, Record<string, string>>();
    const labelsOf = (series: Series) => {
      const labels = labelsOfSeries.get(series) ?? labelsFromText(series.labelsText);
      labelsOfSeries.set(series, labels);
      return labels;
    };
    return {
      metric,
      ...rangeFields(range),
      samples: page.map(({ series, at, value }) => ({
        seriesId: series.id,
        labels: labelsOf(series),
        at: new Date(at).toISOString(),
        value: Number.isNaN(value) ? null : value,
      })),
      nextCursor,
    };
  }
}
