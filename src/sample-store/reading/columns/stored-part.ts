import type { BlockDecoder } from '../../archive/block/block-decoder.js';

/** The properties of all samples of one series in a block or chunk, including samples that are not read. */
interface StoredPart {
  /** The id of the block or chunk. If two samples have the same time, the one with the larger id arrived later. */
  readonly id: number;
  /** The high and low doubles of the sum of all deltas; null without deltas. */
  readonly deltaSum: number | null;
  readonly deltaSumLow: number | null;
}

/** Samples of one series in time order, from one block or chunk, or from the part of it that was read. */
export interface StoredSamples extends StoredPart {
  /** The time of the first sample, even if it was not read, in milliseconds since the epoch. */
  readonly firstAt: number;
  /** These arrays may be longer than `count`. Their content is copied, because they may be reused. */
  readonly timestamps: Float64Array;
  readonly values: Float64Array;
  /** The number of samples in them. */
  readonly count: number;
}

/** The samples of one series in a block that is open in a decoder. */
export interface OpenedMember extends StoredPart {
  readonly decoder: BlockDecoder;
  readonly member: number;
}
