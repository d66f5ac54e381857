import type { Turns } from '../../../scheduling/turns.js';
import type { EncodedBlock, MemberSamples } from '../block/block-bytes.js';
import { BlockEncoder } from '../block/block-encoder.js';
import type { GroupedSamples } from '../grouped-samples.js';
import { bucketOf, memberOf } from './bucket-members.js';

/** A block to store. */
export interface NewBlock extends EncodedBlock {
  readonly bucket: number;
  readonly sampleCount: number;
}

/**
 * Maximum number of samples of one series in a block. A query decodes all samples of a series in a block, and a minute of a
 * series that is pushed a hundred times a second should not cost milliseconds. The format allows eight times as many.
 */
export const MAX_MEMBER_SAMPLES = 8_192;

/** Cuts grouped samples into blocks as {@link cutIntoBlocks} does, and yields to other work in between. */
export async function cutInTurns(
  samples: GroupedSamples,
  isDelta: (place: number) => boolean,
  periodMs: number,
  turns: Turns,
): Promise<NewBlock[]> {
  const blocks: NewBlock[] = [];
  for (const block of cutIntoBlocks(samples, isDelta, periodMs)) {
    blocks.push(block);
    await turns.give();
  }
  return blocks;
}

/**
 * Cuts grouped samples into blocks, one for each bucket and period, or several if a series has more samples than fit into one
 * block. This is a generator, so that the caller can yield to other work after each block, because encoding one takes some
 * milliseconds.
 *
 * If samples of a series have the same time, those that arrived later are in the same block or in a later one.
 *
 * @param isDelta returns whether the samples of a series are deltas, given its index in `seriesIds`
 */
export function* cutIntoBlocks(
  samples: GroupedSamples,
  isDelta: (place: number) => boolean,
  periodMs: number,
  maxMemberSamples = MAX_MEMBER_SAMPLES,
): Generator<NewBlock> {
  const encoder = new BlockEncoder();
  const { seriesIds, starts } = samples;
  for (let first = 0; first < seriesIds.length;) {
    const bucket = bucketOf(seriesIds[first]!);
    let end = first;
    while (end < seriesIds.length && bucketOf(seriesIds[end]!) === bucket) end++;
    const next = starts.slice(first, end);
    for (;;) {
      const members: MemberSamples[] = [];
      let sampleCount = 0;
      const until = endOfBlock(samples, first, next, periodMs, maxMemberSamples);
      if (until === undefined) break;
      for (let place = first; place < end; place++) {
        const from = next[place - first]!;
        const to = endOfMember(samples, from, starts[place + 1]!, until, maxMemberSamples);
        if (to === from) continue;
        members.push({
          member: memberOf(seriesIds[place]!),
          times: samples.timestamps.subarray(from, to),
          values: samples.values.subarray(from, to),
          isDelta: isDelta(place),
        });
        sampleCount += to - from;
        next[place - first] = to;
      }
      yield { bucket, sampleCount, ...encoder.encode(members) };
    }
    first = end;
  }
}

/** The end of a block: the time from which samples belong to the next block. */
interface BlockEnd {
  readonly at: number;
  /** True if some samples with exactly this time belong to the block, because a series has too many of them for one block. */
  readonly isInside: boolean;
}

/**
 * Returns the end of the next block of a bucket.
 *
 * @param next the index of the next sample of each series
 * @returns undefined if no samples are left
 */
function endOfBlock(
  { starts, timestamps }: GroupedSamples,
  first: number,
  next: Uint32Array,
  periodMs: number,
  maxMemberSamples: number,
): BlockEnd | undefined {
  let earliest = Infinity;
  for (let index = 0; index < next.length; index++) {
    if (next[index]! < starts[first + index + 1]!) earliest = Math.min(earliest, timestamps[next[index]!]!);
  }
  if (earliest === Infinity) return undefined;
  let at = (Math.floor(earliest / periodMs) + 1) * periodMs;
  for (let index = 0; index < next.length; index++) {
    const beyond = next[index]! + maxMemberSamples;
    if (beyond < starts[first + index + 1]!) at = Math.min(at, timestamps[beyond]!);
  }
  return { at, isInside: at === earliest };
}

/** Returns the index after the last sample of a series that belongs to a block. */
function endOfMember(
  { timestamps }: GroupedSamples,
  from: number,
  end: number,
  { at, isInside }: BlockEnd,
  maxMemberSamples: number,
): number {
  const limit = Math.min(end, from + maxMemberSamples);
  let to = from;
  while (to < limit && (timestamps[to]! < at || (isInside && timestamps[to] === at))) to++;
  return to;
}
