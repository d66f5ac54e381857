import type { Series } from '../../../src/catalog/series/series.js';
import type { CommittedSamples } from '../../../src/live-values/live-values.js';
import type { LogRow } from '../../../src/sample-store/log/log-row.js';

/** A row of a writer, with one sample for each entry of ids and values. */
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

/** A row that this process has committed. */
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
