import type { BlockRow } from '../stored-blocks/block-row.js';

/** The key of a current merged block. Only one block with a key is current. */
export type MergedKey = Pick<BlockRow, 'bucket' | 'endAt' | 'id'>;

/** What a turn has written. */
export interface WrittenRows {
  readonly inserted: number;
  readonly replaced: number;
  /** The buckets of these blocks. */
  readonly buckets: ReadonlySet<number>;
  /** The first and the last end of these blocks. */
  readonly ends: { readonly first: number; readonly last: number };
}
