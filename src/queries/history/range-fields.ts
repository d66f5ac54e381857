import type { RangeResponse } from './dto/range.response.js';
import type { TimeRange } from './time-range.js';

/** Returns the fields of an answer that describe its range. */
export function rangeFields({ from, to, cutBecause }: TimeRange): Pick<RangeResponse, keyof RangeResponse> {
  return {
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
    truncated: cutBecause !== undefined,
    ...(cutBecause !== undefined && { truncatedBecause: cutBecause }),
  };
}
