import type { Series } from '../../../src/catalog/series/series.js';
import type { CommittedSamples } from '../../../src/live-values/live-values.js';
import type { LogRow } from '../../../src/sample-store/log/log-row.js';

/** Returns a row of a writer, with one sample for each pair of a series id and a value. */
export function rowOf(
  writerId: number,
  sequence: number,
  samples: readonly (readonly [id: number, value: number])[],
  receivedAt = sequence,
): LogRow {
  return {
    writerId,
    sequence,
    receivedAt,
    seriesIds: Int32Array.from(samples, ([id]) => id),
    timestamps: null,
    values: Float64Array.from(samples, ([, value]) => value),
  };
}

/** Returns a row that this process has committed. */
export function committedRow(
  sequence: number,
  samples: readonly (readonly [series: Series, value: number])[],
): CommittedSamples {
  return {
    writerId: 1,
    sequence,
    receivedAt: sequence,
    series: samples.map(([series]) => series),
    timestamps: null,
    values: Float64Array.from(samples, ([, value]) => value),
  };
}
