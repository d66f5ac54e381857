/** The range that an answer covers. */
export class RangeResponse {
  /** The beginning, inclusive. */
  from: string;

  /** The end, exclusive. */
  to: string;

  /** True if the range is smaller than the requested one. */
  truncated: boolean;

  /** The reason why the range is smaller than the requested one. */
  truncatedBecause?: string;
}
