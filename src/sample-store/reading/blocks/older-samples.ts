import { BLOCK_SETS, type BlockSet } from '../../archive/chunk/chunk-partitions.js';
import type { Turns } from '../../../scheduling/turns.js';
import { BlockDecoder } from '../../archive/block/block-decoder.js';
import { MAX_SAMPLES } from '../../archive/block/format.js';
import { addMember, commonMembers, isEmptySet, membersOf, type MemberSet } from '../../archive/block/member-set.js';
import type { BlockRow } from '../../archive/stored-blocks/block-row.js';
import { BucketMembers, memberOf, seriesIdOf } from '../../archive/stored-blocks/bucket-members.js';
import { type NeededMembers, openBlocks } from './opened-blocks.js';
import type { BlockPlace, BlockView } from '../store-view.js';
import { LONGEST_BLOCK_MS } from './stored-blocks.repository.js';

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
/** A time before the end of every block. A search with this limit leaves out no block. */
const ANY_END = Date.UTC(1901, 0, 1);
/** An id above those of all blocks, with which the search of a bucket begins. */
export const ANY_ID = Number.MAX_SAFE_INTEGER;

/** The block with the newest sample that was found for a series so far. */
interface Found {
  readonly block: BlockRow;
  readonly at: number;
}

/**
 * Finds the last sample of each series in the blocks in which all of its samples are older than a time. A block in which only
 * some are older is read as part of the range.
 *
 * The blocks of a bucket are read from the newest end backwards. The search for a series is over as soon as no other block ends
 * after the newest sample that was found, because no block has a sample after its end.
 */
export async function* findOlderSamples(
  blocks: BlockView,
  seriesIds: readonly number[],
  at: number,
  turns: Turns,
): AsyncGenerator<OlderSample> {
  const found = new Map<number, Found>();
  const wanted = new BucketMembers(seriesIds);
  const buckets = [...wanted.buckets];
  for (const table of Object.values(BLOCK_SETS)) {
    for (let first = 0; first < buckets.length; first += BUCKETS_PER_ROUND_TRIP) {
      const places = buckets.slice(first, first + BUCKETS_PER_ROUND_TRIP).map((bucket) => {
        const members = wanted.of(bucket);
        const leastEndAt = leastEndOf(bucket, members, found);
        return { bucket, members, endAt: at + LONGEST_BLOCK_MS, id: ANY_ID, leastEndAt };
      });
      await search(blocks, table, places, at, found, turns);
    }
  }
  yield* valuesOf(blocks, found, turns);
}

/** Searches one table for the newest samples, and puts those that are newer than what was found before into `found`. */
async function search(
  blocks: BlockView,
  table: BlockSet,
  start: readonly BlockPlace[],
  at: number,
  found: Map<number, Found>,
  turns: Turns,
): Promise<void> {
  const directories = new BlockDecoder();
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
        if (last >= at) continue;
        const seriesId = seriesIdOf(block.bucket, member);
        const best = found.get(seriesId);
        if (best !== undefined && (last < best.at || (last === best.at && block.id < best.block.id))) continue;
        found.set(seriesId, { block, at: last });
      }
      if (turns.isUp) await turns.give();
    }
    places = places.flatMap((place) => {
      const last = oldest.get(place.bucket);
      // With fewer blocks than the limit, there are no older ones.
      if (last === undefined || last.count < BLOCKS_PER_ROUND_TRIP) return [];
      const { endAt, id } = last.block;
      const members = unfinished(place, endAt, found);
      if (isEmptySet(members)) return [];
      return [{ bucket: place.bucket, members, endAt, id, leastEndAt: leastEndOf(place.bucket, members, found) }];
    });
  }
}

/** Returns the members for which a block that ends at a time or earlier may have a newer sample than the one found. */
function unfinished({ bucket, members }: BlockPlace, endAt: number, found: ReadonlyMap<number, Found>): MemberSet {
  const rest = { high: 0, low: 0 };
  for (const member of membersOf(members)) {
    if ((found.get(seriesIdOf(bucket, member))?.at ?? -Infinity) < endAt) addMember(rest, member);
  }
  return rest;
}

/** Returns the earliest end of a block that may have a newer sample than the one found for one of the members. */
function leastEndOf(bucket: number, members: MemberSet, found: ReadonlyMap<number, Found>): number {
  let least = Infinity;
  for (const member of membersOf(members)) {
    least = Math.min(least, found.get(seriesIdOf(bucket, member))?.at ?? ANY_END);
  }
  return Math.max(ANY_END, least);
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
  const times = new Float64Array(MAX_SAMPLES);
  const values = new Float64Array(MAX_SAMPLES);
  for await (const { block, members, decoder } of openBlocks(blocks, needed, turns)) {
    for (const member of members) {
      const last = decoder.lastTime(member);
      const count = decoder.decode(member, last, last, times, values, 0);
      yield { seriesId: seriesIdOf(block.bucket, member), at: last, value: values[count - 1]!, id: block.id };
      if (turns.isUp) await turns.give();
    }
  }
}
