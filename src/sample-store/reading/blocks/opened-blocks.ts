import type { Turns } from '../../../scheduling/turns.js';
import type { BlockDecoder, ByteRange } from '../../archive/block/block-decoder.js';
import type { PackedPart } from '../../archive/block/block-bytes.js';
import type { BlockRow } from '../../archive/stored-blocks/block-row.js';
import { giveBackDecoder, takeDecoder } from './idle-decoders.js';
import type { BlockView, WantedBytes } from '../store-view.js';

/** A round trip fetches no further blocks after this number of bytes. */
const BYTES_PER_TRIP = 2_000_000;

/** A block, and those of its members that are to be decoded. */
export interface NeededMembers {
  readonly block: BlockRow;
  readonly members: readonly number[];
}

/** A block whose decoder is open, and has the bytes of the members to decode. */
export interface OpenedBlock extends NeededMembers {
  readonly decoder: BlockDecoder;
}

/**
 * Opens blocks, one after the other, and fetches the packed bytes of those that came without them. It fetches only the bytes of
 * the members to decode, because a block of 64 series would otherwise be read whole for one of them.
 */
export async function* openBlocks(
  blocks: BlockView,
  needed: readonly NeededMembers[],
  turns: Turns,
): AsyncGenerator<OpenedBlock> {
  if (needed.length === 0) return;
  const decoder = takeDecoder();
  try {
    for (let first = 0; first < needed.length;) {
      const wanted: WantedBytes[] = [];
      const counts: number[] = [];
      let bytes = 0;
      let end = first;
      for (; end < needed.length && (bytes < BYTES_PER_TRIP || end === first); end++) {
        const { block, members } = needed[end]!;
        const ranges = block.packed === null ? rangesOf(decoder, block, members) : [];
        for (const range of ranges) {
          wanted.push({ block, ...range });
          bytes += range.to - range.from;
        }
        counts.push(ranges.length);
        await turns.give();
      }
      const parts = await blocks.bytes(wanted);
      let next = 0;
      for (let index = first; index < end; index++) {
        const each = needed[index]!;
        const count = counts[index - first]!;
        const packed: readonly PackedPart[] = each.block.packed ?? parts.slice(next, next + count);
        next += count;
        decoder.open({ ...each.block, packed });
        yield { ...each, decoder };
      }
      first = end;
    }
  } finally {
    giveBackDecoder(decoder);
  }
}

function rangesOf(decoder: BlockDecoder, block: BlockRow, members: readonly number[]): ByteRange[] {
  decoder.open({ ...block, packed: [] });
  return decoder.byteRanges(members);
}
