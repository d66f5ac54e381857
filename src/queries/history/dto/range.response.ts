import type { TimeRange } from '../time-range.js';

/** The range that an answer is about. */
export class RangeResponse {
  /** Inclusive. */
  from: string;

  /** Exclusive. */
  to: string;

  /** Whether the range is smaller than the one asked for. */
  truncated: boolean;

  /** Why it is. */
  truncatedBecause?: string;
}

/** The range as it stands in an answer. */
export function rangeFields({ from, to, cutBecause }: TimeRange): Pick<RangeResponse, keyof RangeResponse> {
  return {
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
    truncated: cutBecause !== undefined,
    ...(cutBecause !== undefined && { truncatedBecause: cutBecause }),
  };
}
