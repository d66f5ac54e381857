import type { Turns } from '../../../scheduling/turns.js';
import { BlockDecoder } from '../../archive/block/block-decoder.js';
import { commonMembers, hasMember, membersOf, placeOfMember } from '../../archive/block/member-set.js';
import type { BlockRow } from '../../archive/stored-blocks/block-row.js';
import { BucketMembers, bucketOf, memberOf, seriesIdOf } from '../../archive/stored-blocks/bucket-members.js';
import type { StoredSamples } from '../../log/sample-column.js';
import { edgesBefore, type StoredSums } from '../edge-sums.js';
import { type NeededMembers, openBlocks } from './opened-blocks.js';
import type { BlockView, ChunkFilter } from '../store-view.js';

/** The samples of a series from one block. */
export interface BlockSamples extends StoredSamples {
  readonly seriesId: number;
}

/** The sums of blocks of one counter. */
export interface BlockSums extends StoredSums {
  readonly seriesId: number;
}

/**
 * Reads samples of blocks, in any order. Samples outside of the range are left out by the rules of {@link ChunkFilter}. With edges,
 * the arrays of a result are used again for the next one.
 *
 * @returns the samples for each series and block; some of these results may be empty
 */
export async function* readBlockSamples(
  blocks: BlockView,
  { seriesIds, from, to, isWithRest, edges }: ChunkFilter,
  turns: Turns,
): AsyncGenerator<BlockSamples> {
  const wanted = new BucketMembers(seriesIds);
  const directories = new BlockDecoder();
  const room = edges === undefined ? undefined : new SampleRoom();
  for await (const page of blocks.overlapping(wanted, from, to, { edges })) {
    const needed: NeededMembers[] = [];
    for (const block of page) {
      directories.open({ ...block, packed: [] });
      const members = membersOf(commonMembers(block.members, wanted.of(block.bucket))).filter(
        (member) =>
          directories.lastTime(member) >= from &&
          directories.firstTime(member) < to &&
          (edges === undefined || !isBetweenEdges(block, directories, member, { from, to, edges })),
      );
      if (members.length > 0) needed.push({ block, members });
      await turns.give();
    }
    for await (const { block, members, decoder } of openBlocks(blocks, needed, turns)) {
      for (const member of members) {
        yield decodeMember(block, decoder, member, { from, to, isWithRest }, room);
        if (turns.isUp) await turns.give();
      }
    }
  }
}

function decodeMember(
  block: BlockRow,
  decoder: BlockDecoder,
  member: number,
  { from, to, isWithRest }: Pick<ChunkFilter, 'from' | 'to' | 'isWithRest'>,
  room: SampleRoom | undefined,
): BlockSamples {
  const firstAt = decoder.firstTime(member);
  const isWhole = isWithRest && firstAt < from;
  const count = decoder.sampleCount(member);
  const { timestamps, values } = room?.for(count) ?? roomFor(count);
  // The end of the range is exclusive, and times are whole milliseconds.
  const found = decoder.decode(
    member,
    isWhole ? -Infinity : from,
    isWhole ? Infinity : Math.ceil(to) - 1,
    timestamps,
    values,
    0,
  );
  // Parts are copied, because a view of a part would keep the whole array in memory.
  const part = (array: Float64Array) => (room === undefined ? array.slice(0, found) : array.subarray(0, found));
  return {
    seriesId: seriesIdOf(block.bucket, member),
    id: block.id,
    firstAt,
    ...sumOf(block, member),
    timestamps: found === timestamps.length ? timestamps : part(timestamps),
    values: found === values.length ? values : part(values),
  };
}

function roomFor(count: number): { timestamps: Float64Array; values: Float64Array } {
  return { timestamps: new Float64Array(count), values: new Float64Array(count) };
}

/** Arrays that every series uses again, for samples that are not kept. */
class SampleRoom {
  private room = roomFor(0);

  for(count: number): { timestamps: Float64Array; values: Float64Array } {
    if (this.room.values.length < count) this.room = roomFor(2 * count);
    return this.room;
  }
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
  const directories = new BlockDecoder();
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
  const directories = new BlockDecoder();
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

const NO_SUM = { deltaSum: null, deltaSumLow: null };
