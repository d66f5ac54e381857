import type { BlockBytes, EncodedBlock } from './block-bytes.js';
import { BlockDirectory } from './directory/block-directory.js';
import { type WrittenColumn, writeDirectory } from './directory/directory-writer.js';
import { commonMembers, isEmptySet, type MemberSet, membersOf, placeOfMember, withoutMembers } from './member-set.js';

/** The columns of a block that change when members are removed. */
export type SplicedBlock = Pick<
  EncodedBlock,
  'members' | 'falls' | 'directory' | 'packed' | 'deltaSums' | 'deltaSumLows'
> & { readonly sampleCount: number };

/** A block with all of its packed bytes. */
export interface WholeBlock extends BlockBytes {
  readonly falls: MemberSet;
  readonly deltaSums: Float64Array;
  readonly deltaSumLows: Float64Array;
}

/**
 * Takes members out of a block. The bytes of the others are copied and not decoded, and the block keeps its start and its end,
 * even if only the removed members had samples at these times.
 *
 * @param block a block whose packed bytes are all in one part
 * @returns null if no member is left
 * @throws DamagedBlockError if the directory is damaged, or if packed bytes are missing; their checksums are not verified
 */
export function spliceBlock(block: WholeBlock, removed: MemberSet): SplicedBlock | null {
  const directory = new BlockDirectory();
  directory.read(block);
  const members = withoutMembers(block.members, removed);
  if (isEmptySet(members)) return null;
  const kept = membersOf(members);
  const used = usedVectors(directory, kept);
  const newNumbers = new Map(used.map((vector, number) => [vector, number]));
  const columns = new CopiedColumns(directory, block.packed[0]!.bytes);
  const vectors = used.map((vector) => ({
    base: newNumbers.get(directory.vectorBases[vector]!)!,
    count: directory.vectorCounts[vector]!,
    firstAt: directory.vectorFirsts[vector]!,
    lastAt: directory.vectorLasts[vector]!,
    column: columns.copy(vector),
  }));
  const entries = kept.map((member) => ({
    vector: newNumbers.get(directory.vectorOf(member))!,
    column: columns.copy(directory.columnOf(member)),
  }));
  const sumsOf = (sums: Float64Array) =>
    sums.length === 0 ? null : Float64Array.from(kept, (member) => sums[placeOfMember(block.members, member)]!);
  return {
    members,
    falls: commonMembers(block.falls, members),
    sampleCount: entries.reduce((sum, { vector }) => sum + vectors[vector]!.count, 0),
    directory: writeDirectory(members, block.startAt, vectors, entries),
    packed: columns.toBytes(),
    deltaSums: sumsOf(block.deltaSums),
    deltaSumLows: sumsOf(block.deltaSumLows),
  };
}

/** Returns the vectors of some members and the bases of these vectors, in ascending order. */
function usedVectors(directory: BlockDirectory, members: readonly number[]): number[] {
  const used = new Set<number>();
  for (const member of members) {
    const vector = directory.vectorOf(member);
    used.add(vector).add(directory.vectorBases[vector]!);
  }
  return [...used].toSorted((a, b) => a - b);
}

/** Copies columns of `packed` one after the other. */
class CopiedColumns {
  private readonly bytes: Uint8Array;
  private end = 0;

  constructor(
    private readonly directory: BlockDirectory,
    private readonly packed: Uint8Array,
  ) {
    this.bytes = new Uint8Array(packed.length);
  }

  copy(column: number): WrittenColumn {
    const from = this.directory.columnStart(column);
    const to = this.directory.columnEnds[column]!;
    if (to > this.packed.length) throw this.directory.damaged(`the bytes ${from} to ${to} are missing`);
    this.bytes.set(this.packed.subarray(from, to), this.end);
    this.end += to - from;
    return { end: this.end, checksum: this.directory.columnChecksums[column]! };
  }

  toBytes(): Uint8Array {
    return this.bytes.slice(0, this.end);
  }
}
