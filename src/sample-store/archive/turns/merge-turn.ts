import type { ArchiveTransaction } from '../archive.repository.js';
import type { BlockRepository } from '../stored-blocks/block.repository.js';
import { BLOCK_SETS } from '../chunk/chunk-partitions.js';
import type { NewBlock } from '../stored-blocks/cut-blocks.js';
import type { ChangedBlock } from '../stored-blocks/changed-blocks.repository.js';
import type { MergedKey, WrittenRows } from './merged-rows.js';
import type { TriedTurn, TurnsRepository } from './turns.repository.js';

/** The changes of merged blocks in one turn. None of them is visible before the turn counts. */
export class MergeTurn {
  private inserted = 0;
  private replaced = 0;
  private readonly buckets = new Set<number>();
  private readonly ends = { first: Infinity, last: -Infinity };

  /** @param writing the transaction of the changes */
  constructor(
    private readonly writing: ArchiveTransaction,
    private readonly turn: TriedTurn,
    private readonly blocks: BlockRepository,
    private readonly turns: TurnsRepository,
  ) {}

  get written(): WrittenRows {
    return { inserted: this.inserted, replaced: this.replaced, buckets: this.buckets, ends: this.ends };
  }

  /** Adds merged blocks; see {@link BlockRepository.insert}. */
  async insert(blocks: readonly NewBlock[], ids?: Float64Array): Promise<void> {
    await this.blocks.insert(this.writing, BLOCK_SETS.merged, blocks, { ids, turn: this.turn.number });
    this.inserted += blocks.length;
    this.notePlaces(blocks);
  }

  /** Takes current blocks away. */
  async remove(blocks: readonly MergedKey[]): Promise<void> {
    await this.turns.markReplaced(this.writing, this.turn, blocks);
    this.replaced += blocks.length;
    this.notePlaces(blocks);
  }

  /**
   * Replaces the content of current blocks, which keep their keys.
   *
   * @param changes for each block its new content; null to take the block away
   */
  async change(
    changes: readonly { readonly block: MergedKey; readonly changed: ChangedBlock | null }[],
  ): Promise<void> {
    const kept = changes.flatMap(({ block, changed }) =>
      changed === null ? [] : [{ ...changed, bucket: block.bucket, id: block.id, endAt: block.endAt }],
    );
    const ids = Float64Array.from(kept, ({ id }) => id);
    await this.insert(kept, ids);
    await this.remove(changes.map(({ block }) => block));
  }

  private notePlaces(blocks: readonly { readonly bucket: number; readonly endAt: number }[]): void {
    for (const { bucket, endAt } of blocks) {
      this.buckets.add(bucket);
      this.ends.first = Math.min(this.ends.first, endAt);
      this.ends.last = Math.max(this.ends.last, endAt);
    }
  }
}
