import type { LogRow } from '../../sample-store/log/log-row.js';
import type { Positions } from './lease.js';

/** Samples that were deleted while rows that contain them waited for the target. */
export interface WaitingCorrection {
  readonly seriesIds: ReadonlySet<number>;
  /** The half-open range of sample times, in milliseconds since the epoch. */
  readonly from: number;
  readonly to: number;
  /** For each writer, the last row that waited. */
  readonly until: Positions;
}

/**
 * Returns a row without its deleted samples. A row that becomes empty is kept, because the position has to advance past it like
 * past any other row.
 *
 * @param corrections the corrections that were made while rows waited
 */
export function withoutDeleted<Row extends LogRow>(row: Row, corrections: readonly WaitingCorrection[]): Row {
  const ofRow = corrections.filter(({ until }) => row.sequence <= (until.get(row.writerId) ?? -Infinity));
  if (ofRow.length === 0) return row;
  const { seriesIds, timestamps, values, receivedAt } = row;
  const isKept = (_: number, index: number) => {
    const at = timestamps === null ? receivedAt : timestamps[index]!;
    return !ofRow.some((each) => at >= each.from && at < each.to && each.seriesIds.has(seriesIds[index]!));
  };
  return {
    ...row,
    seriesIds: seriesIds.filter(isKept),
    timestamps: timestamps?.filter(isKept) ?? null,
    values: values.filter(isKept),
  };
}
