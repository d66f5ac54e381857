import type { Turns } from '../../../scheduling/turns.js';
import type { BlockDecoder } from '../../archive/block/block-decoder.js';
import { commonMembers, hasMember, membersOf, placeOfMember } from '../../archive/block/member-set.js';
import type { BlockRow } from '../../archive/stored-blocks/block-row.js';
import { BucketMembers, bucketOf, memberOf, seriesIdOf } from '../../archive/stored-blocks/bucket-members.js';
import type { OpenedMember } from '../columns/stored-part.js';
import { edgesBefore, type StoredSums } from '../edge-sums.js';
import { giveBackDecoder, takeDecoder } from './idle-decoders.js';
import { type NeededMembers, openBlocks, type OpenedBlock } from './opened-blocks.js';
import type { BlockView, ChunkFilter } from '../store-view.js';

/** The sums of blocks of one counter. */
export interface BlockSums extends StoredSums {
  readonly seriesId: number;
}

/**
 * Opens the blocks that have samples of a range, in any order. With edges, members of which only the sums are needed are left out.
 *
 * @returns each block with the members to decode. Its decoder is open until the next block is requested
 */
export async function* openBlocksOf(
  blocks: BlockView,
  { seriesIds, from, to, edges }: ChunkFilter,
  turns: Turns,
): AsyncGenerator<OpenedBlock> {
  const wanted = new BucketMembers(seriesIds);
  const decoder = takeDecoder();
  try {
    for await (const page of blocks.overlapping(wanted, from, to, { edges })) {
      const incomplete: NeededMembers[] = [];
      for (const block of page) {
        if (turns.isUp) await turns.give();
        decoder.open({ ...block, packed: block.packed ?? [] });
        const members = membersOf(commonMembers(block.members, wanted.of(block.bucket))).filter(
          (member) =>
            decoder.lastTime(member) >= from &&
            decoder.firstTime(member) < to &&
            (edges === undefined || !isBetweenEdges(block, decoder, member, { from, to, edges })),
        );
        if (members.length === 0) continue;
        if (block.packed === null) incomplete.push({ block, members });
        else yield { block, members, decoder };
      }
      yield* openBlocks(blocks, incomplete, turns);
    }
  } finally {
    giveBackDecoder(decoder);
  }
}

/**
 * Calls a function with each member of an open block, so that a column can decode it. The members share one object, because an object for each of
 * many series would keep the garbage collector busy.
 *
 * @param first the index of the first member to visit
 * @param visit returns false to end the visits after this member
 * @returns the index after that of the last member that was visited
 */
export function visitMembers(
  { block, members, decoder }: OpenedBlock,
  first: number,
  visit: (opened: OpenedMember, seriesId: number) => boolean,
): number {
  const opened = { decoder, id: block.id, member: 0, ...NO_SUM };
  for (let index = first; index < members.length; index++) {
    const member = members[index]!;
    const { deltaSum, deltaSumLow } = sumOf(block, member);
    opened.member = member;
    opened.deltaSum = deltaSum;
    opened.deltaSumLow = deltaSumLow;
    if (!visit(opened, seriesIdOf(block.bucket, member))) return index + 1;
  }
  return members.length;
}

/**
 * Reads the delta sums of those members of blocks that have no edge between their first and their last sample.
 *
 * @param filter the edges as in `StoreSnapshot.chunkSums`
 */
export async function* readBlockSums(
  blocks: BlockView,
  { seriesIds, from, to, edges }: Pick<Required<ChunkFilter>, 'seriesIds' | 'from' | 'to' | 'edges'>,
  turns: Turns,
): AsyncGenerator<BlockSums> {
  const wanted = new BucketMembers(seriesIds);
  const directories = takeDecoder();
  try {
    for await (const page of blocks.overlapping(wanted, from, to, 'none')) {
      const found = new Map<number, { startsAt: number[]; endsAt: number[]; sums: number[]; lows: number[] }>();
      for (const block of page) {
        directories.open({ ...block, packed: [] });
        for (const member of membersOf(commonMembers(block.members, wanted.of(block.bucket)))) {
          if (!isBetweenEdges(block, directories, member, { from, to, edges })) continue;
          const seriesId = seriesIdOf(block.bucket, member);
          let sums = found.get(seriesId);
          if (sums === undefined) found.set(seriesId, (sums = { startsAt: [], endsAt: [], sums: [], lows: [] }));
          const { deltaSum, deltaSumLow } = sumOf(block, member);
          sums.startsAt.push(directories.firstTime(member));
          sums.endsAt.push(directories.lastTime(member));
          sums.sums.push(deltaSum!);
          sums.lows.push(deltaSumLow!);
        }
        await turns.give();
      }
      for (const [seriesId, sums] of found) yield { seriesId, ...sums };
    }
  } finally {
    giveBackDecoder(directories);
  }
}

/** Returns a function that tells whether a series has a NaN or a negative value in a block that overlaps the range. */
export async function findFallingSeries(
  blocks: BlockView,
  { seriesIds, from, to }: Pick<ChunkFilter, 'seriesIds' | 'from' | 'to'>,
): Promise<(seriesId: number) => boolean> {
  const falls = await blocks.falls(new BucketMembers(seriesIds), from, to);
  return (seriesId) => {
    const members = falls.get(bucketOf(seriesId));
    return members !== undefined && hasMember(members, memberOf(seriesId));
  };
}

/** Reads the delta sums of those members of blocks whose first sample in the block is at a time or later, in any order. */
export async function* readSumsSince(
  blocks: BlockView,
  seriesIds: readonly number[],
  at: number,
  turns: Turns,
): AsyncGenerator<{ readonly seriesId: number; readonly sum: number; readonly low: number }> {
  const wanted = new BucketMembers(seriesIds);
  const directories = takeDecoder();
  try {
    for await (const page of blocks.since(wanted, at)) {
      for (const block of page) {
        const isAfter = block.startAt >= at;
        if (!isAfter) directories.open({ ...block, packed: [] });
        for (const member of membersOf(commonMembers(block.members, wanted.of(block.bucket)))) {
          if (!isAfter && directories.firstTime(member) < at) continue;
          const { deltaSum, deltaSumLow } = sumOf(block, member);
          if (deltaSum !== null) yield { seriesId: seriesIdOf(block.bucket, member), sum: deltaSum, low: deltaSumLow! };
        }
        if (turns.isUp) await turns.give();
      }
    }
  } finally {
    giveBackDecoder(directories);
  }
}

/** Returns whether only the sum of a member is needed. The rule is the same as for chunks; see `chunk-sums-row.ts`. */
function isBetweenEdges(
  block: BlockRow,
  directory: BlockDecoder,
  member: number,
  { from, to, edges }: { readonly from: number; readonly to: number; readonly edges: Float64Array },
): boolean {
  const first = directory.firstTime(member);
  const last = directory.lastTime(member);
  if (first < from || last >= to || sumOf(block, member).deltaSum === null) return false;
  const edge = edgesBefore(edges, last);
  return edge < edges.length && edgesBefore(edges, first) === edge;
}

/** Returns the sum of the deltas of a member; null for a member that has no deltas. */
function sumOf(
  { members, deltaSums, deltaSumLows }: BlockRow,
  member: number,
): { readonly deltaSum: number | null; readonly deltaSumLow: number | null } {
  if (deltaSums.length === 0) return NO_SUM;
  const place = placeOfMember(members, member);
  const deltaSum = deltaSums[place]!;
  const deltaSumLow = deltaSumLows[place]!;
  return Number.isNaN(deltaSum) ? NO_SUM : { deltaSum, deltaSumLow };
}

const NO_SUM: { deltaSum: number | null; deltaSumLow: number | null } = { deltaSum: null, deltaSumLow: null };
