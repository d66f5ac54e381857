import { BLOCK_SETS, type BlockSet } from '../../archive/chunk/chunk-partitions.js';
import type { Turns } from '../../../scheduling/turns.js';
import { addMember, commonMembers, isEmptySet, membersOf, type MemberSet } from '../../archive/block/member-set.js';
import type { BlockRow } from '../../archive/stored-blocks/block-row.js';
import { BucketMembers, memberOf, seriesIdOf } from '../../archive/stored-blocks/bucket-members.js';
import { SampleRoom } from '../columns/collected-samples.js';
import { giveBackDecoder, takeDecoder } from './idle-decoders.js';
import { type NeededMembers, openBlocks } from './opened-blocks.js';
import type { BlockPlace, BlockView } from '../store-view.js';
import { EARLIEST_TIME_MS, LONGEST_BLOCK_MS } from './stored-blocks.repository.js';

/** The last sample of a series before a time. */
export interface OlderSample {
  readonly seriesId: number;
  readonly at: number;
  readonly value: number;
  /** The id of its block. */
  readonly id: number;
}

/**
 * Number of blocks that one round trip reads for each bucket. Usually the newest one or two have the last samples of all of its
 * series.
 */
const BLOCKS_PER_ROUND_TRIP = 3;
/** Number of buckets in one round trip. */
const BUCKETS_PER_ROUND_TRIP = 500;
/** An id above those of all blocks, with which the search of a bucket begins. */
export const ANY_ID = Number.MAX_SAFE_INTEGER;

/** The block with the newest sample that was found for a series so far. */
interface Found {
  readonly block: BlockRow;
  readonly at: number;
}

/** The newest samples that were found so far, beside those that were known before the search. */
class NewestSamples {
  readonly found = new Map<number, Found>();

  constructor(private readonly knownAt: (seriesId: number) => number) {}

  /** Takes the last sample of a series in a block, unless a newer one is known. */
  offer(seriesId: number, block: BlockRow, at: number): void {
    const best = this.found.get(seriesId);
    if (best === undefined) {
      if (at < this.knownAt(seriesId)) return;
    } else if (at < best.at || (at === best.at && block.id < best.block.id)) return;
    this.found.set(seriesId, { block, at });
  }

  /** Returns the time before which samples of a series are of no interest. */
  leastAt(seriesId: number): number {
    return this.found.get(seriesId)?.at ?? this.knownAt(seriesId);
  }

  /** Returns whether a block that follows in the search, and ends at a time or earlier, may have a newer sample. */
  isOpen(seriesId: number, endAt: number): boolean {
    const best = this.found.get(seriesId);
    return best === undefined ? this.knownAt(seriesId) <= endAt : best.at < endAt;
  }
}

/**
 * Finds the last sample of each series in the blocks in which all of its samples are older than a time. A block in which only
 * some are older is read as part of the range.
 *
 * The blocks of a bucket are read from the newest end backwards. The search for a series is over as soon as no other block ends
 * after the newest sample that was found, because no block has a sample after its end.
 *
 * @param knownAt returns the time of a sample that is already known, so that only samples at that time or later are searched for;
 * -Infinity for a series without such a sample
 */
export async function* findOlderSamples(
  blocks: BlockView,
  seriesIds: readonly number[],
  at: number,
  turns: Turns,
  knownAt: (seriesId: number) => number = () => -Infinity,
): AsyncGenerator<OlderSample> {
  const newest = new NewestSamples(knownAt);
  const wanted = new BucketMembers(seriesIds);
  const buckets = [...wanted.buckets];
  for (const table of Object.values(BLOCK_SETS)) {
    for (let first = 0; first < buckets.length; first += BUCKETS_PER_ROUND_TRIP) {
      const places = buckets.slice(first, first + BUCKETS_PER_ROUND_TRIP).map((bucket) => {
        const members = wanted.of(bucket);
        const leastEndAt = leastEndOf(bucket, members, newest);
        return { bucket, members, endAt: at + LONGEST_BLOCK_MS, id: ANY_ID, leastEndAt };
      });
      await search(blocks, table, places, at, newest, turns);
    }
  }
  yield* valuesOf(blocks, newest.found, turns);
}

/** Searches one table, and puts samples that are newer than those known before into `newest`. */
async function search(
  blocks: BlockView,
  table: BlockSet,
  start: readonly BlockPlace[],
  at: number,
  newest: NewestSamples,
  turns: Turns,
): Promise<void> {
  const directories = takeDecoder();
  try {
    let places = start;
    while (places.length > 0) {
      const rows = await blocks.newestBefore(table, places, at, BLOCKS_PER_ROUND_TRIP);
      const oldest = new Map<number, { readonly block: BlockRow; readonly count: number }>();
      const wanted = new Map(places.map(({ bucket, members }) => [bucket, members]));
      for (const block of rows) {
        oldest.set(block.bucket, { block, count: (oldest.get(block.bucket)?.count ?? 0) + 1 });
        directories.open({ ...block, packed: [] });
        for (const member of membersOf(commonMembers(block.members, wanted.get(block.bucket)!))) {
          const last = directories.lastTime(member);
          if (last < at) newest.offer(seriesIdOf(block.bucket, member), block, last);
        }
        if (turns.isUp) await turns.give();
      }
      places = places.flatMap((place) => {
        const last = oldest.get(place.bucket);
        // With fewer blocks than the limit, there are no older ones.
        if (last === undefined || last.count < BLOCKS_PER_ROUND_TRIP) return [];
        const { endAt, id } = last.block;
        const members = unfinished(place, endAt, newest);
        if (isEmptySet(members)) return [];
        return [{ bucket: place.bucket, members, endAt, id, leastEndAt: leastEndOf(place.bucket, members, newest) }];
      });
    }
  } finally {
    giveBackDecoder(directories);
  }
}

/** Returns the members for which a block that ends at a time or earlier may have a newer sample than the one found. */
function unfinished({ bucket, members }: BlockPlace, endAt: number, newest: NewestSamples): MemberSet {
  const rest = { high: 0, low: 0 };
  for (const member of membersOf(members)) {
    if (newest.isOpen(seriesIdOf(bucket, member), endAt)) addMember(rest, member);
  }
  return rest;
}

/** Returns the earliest end of a block that may have a newer sample than the one found for one of the members. */
function leastEndOf(bucket: number, members: MemberSet, newest: NewestSamples): number {
  let least = Infinity;
  for (const member of membersOf(members)) {
    least = Math.min(least, newest.leastAt(seriesIdOf(bucket, member)));
  }
  return Math.max(EARLIEST_TIME_MS, least);
}

async function* valuesOf(
  blocks: BlockView,
  found: ReadonlyMap<number, Found>,
  turns: Turns,
): AsyncGenerator<OlderSample> {
  const byBlock = new Map<BlockRow, number[]>();
  for (const [seriesId, { block }] of found) {
    const ids = byBlock.get(block);
    if (ids === undefined) byBlock.set(block, [memberOf(seriesId)]);
    else ids.push(memberOf(seriesId));
  }
  const needed = Array.from(byBlock, ([block, members]): NeededMembers => ({ block, members }));
  const room = new SampleRoom();
  for await (const { block, members, decoder } of openBlocks(blocks, needed, turns)) {
    for (const member of members) {
      const last = decoder.lastTime(member);
      // All samples of a member can have the same time.
      const { timestamps, values } = room.for(decoder.sampleCount(member));
      const count = decoder.decode(member, last, last, timestamps, values, 0);
      yield { seriesId: seriesIdOf(block.bucket, member), at: last, value: values[count - 1]!, id: block.id };
      if (turns.isUp) await turns.give();
    }
  }
}
