import { SMALL_BLOCK_SAMPLES } from '../stored-blocks/block.repository.js';
import type { MergedKey } from './merged-rows.js';

/** The key and the size of a stored block. */
export interface BlockSize extends MergedKey {
  readonly sampleCount: number;
}

/**
 * Chooses the stored blocks with which other blocks are merged. A stored block is chosen only if it is small or has no more samples than
 * those other blocks of its bucket together, because a few late samples must not cause a large block to be rewritten. If a block is not
 * chosen, no block of its bucket with a smaller id is chosen either: a merge would give the samples of that block a larger id, and they would
 * count as the later ones. Of blocks with the same id, either all are chosen or none.
 *
 * @param samples the number of samples of the other blocks, by bucket
 * @param maxSamples the limit of samples
 */
export function smallBlocksOf(
  stored: readonly BlockSize[],
  samples: ReadonlyMap<number, number>,
  maxSamples: number,
): BlockSize[] {
  const inOrder = stored.toSorted((a, b) => a.bucket - b.bucket || b.id - a.id);
  const chosen: BlockSize[] = [];
  let total = 0;
  for (let first = 0; first < inOrder.length;) {
    const { bucket, id } = inOrder[first]!;
    let end = first;
    let largest = 0;
    for (; inOrder[end]?.bucket === bucket && inOrder[end]!.id === id; end++) {
      largest = Math.max(largest, inOrder[end]!.sampleCount);
      total += inOrder[end]!.sampleCount;
    }
    if (total > maxSamples) break;
    if (largest <= Math.max(samples.get(bucket) ?? 0, SMALL_BLOCK_SAMPLES)) {
      chosen.push(...inOrder.slice(first, end));
      first = end;
      continue;
    }
    for (let index = first; index < end; index++) total -= inOrder[index]!.sampleCount;
    while (inOrder[end]?.bucket === bucket) end++;
    first = end;
  }
  return chosen;
}
