import type { MemberSet } from './member-set.js';

/** The samples of one series that a block is to hold. */
export interface MemberSamples {
  /** The index of the series within its bucket: the lowest six bits of the series' id. */
  readonly member: number;
  /** The times in milliseconds since the epoch, whole and in ascending order. Several samples may have the same time. */
  readonly times: Float64Array;
  readonly values: Float64Array;
  /** Whether the values are deltas. The block stores the sum of a member's deltas. */
  readonly isDelta: boolean;
}

/** The result of the encoder: the columns of a row of `sample_block`. */
export interface EncodedBlock {
  /** The times of the first and the last sample, in milliseconds since the epoch. */
  readonly startAt: number;
  readonly endAt: number;
  /** The series that have samples. */
  readonly members: MemberSet;
  /** The series that have a NaN or a negative value. The running totals of their deltas may fall. */
  readonly falls: MemberSet;
  readonly directory: Uint8Array;
  readonly packed: Uint8Array;
  /**
   * The high and low doubles of the compensated sum of the deltas, for each member in ascending order; NaN for a member without
   * deltas. Both are null if no member has deltas.
   */
  readonly deltaSums: Float64Array | null;
  readonly deltaSumLows: Float64Array | null;
}

/** Some consecutive bytes of `packed`. */
export interface PackedPart {
  /** The place of the first of these bytes in `packed`. */
  readonly from: number;
  readonly bytes: Uint8Array;
}

/** The part of a row of `sample_block` that the decoder needs. */
export interface BlockBytes {
  /** The bucket and the id of the row, for error messages. */
  readonly bucket: number;
  readonly id: number;
  readonly startAt: number;
  readonly members: MemberSet;
  readonly directory: Uint8Array;
  /** All of `packed` as one part, or the parts that {@link BlockDecoder.byteRanges} lists for the members to decode. */
  readonly packed: readonly PackedPart[];
}

/** What a decoder holds as long as no block is open. */
export const NO_BLOCK: BlockBytes = {
  bucket: 0,
  id: 0,
  startAt: 0,
  members: { high: 0, low: 0 },
  directory: new Uint8Array(0),
  packed: [],
};
