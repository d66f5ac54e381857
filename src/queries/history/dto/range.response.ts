import type { TimeRange } from '../time-range.js';

/** The range that an answer covers. */
export class RangeResponse {
  /** Inclusive. */
  from: string;

  /** Exclusive. */
  to: string;

  /** Whether the range is smaller than the requested one. */
  truncated: boolean;

  /** Why the range is smaller than the requested one. */
  truncatedBecause?: string;
}

/** Returns the fields of an answer that describe its range. */
export function rangeFields({ from, to, cutBecause }: TimeRange): Pick<RangeResponse, keyof RangeResponse> {
  return {
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
    truncated: cutBecause !== undefined,
    ...(cutBecause !== undefined && { truncatedBecause: cutBecause }),
  };
}
