import type { DatabaseSchema } from '../../../database/schema/database-schema.js';
import { BLOCK_SETS, type BlockSet } from '../chunk/chunk-partitions.js';
import { isCurrentAt } from './current-blocks-sql.js';

/**
 * Returns SQL for the rows that a SELECT finds in all sets of blocks.
 *
 * The view `sample_block` has the same rows. But if merged blocks are distributed, every query of the view first copies all of them. So
 * each set gets its own SELECT, in which the conditions are next to the table.
 *
 * @param select returns the SELECT for a table, which has the alias `block`, with a further condition that begins with AND
 */
export function inEachSet(
  schema: DatabaseSchema,
  select: (table: string, condition: string) => string,
  parameters: MergedParameters,
): string {
  return Object.values(BLOCK_SETS)
    .map((set) => select(`${schema}.${set} AS block`, conditionOf(set, parameters)))
    .join('\nUNION ALL\n');
}

/** The parameters of a statement that select merged blocks. */
export interface MergedParameters {
  /** The buckets of the wanted blocks, without duplicates. Servers that have none of them are not asked. */
  readonly buckets: string;
  /** The set of turns that count. */
  readonly turns: string;
}

/** Returns SQL for the columns of all fresh and waiting blocks, as a subquery. */
export function unmergedBlocks(schema: DatabaseSchema, columns: string): string {
  return `(SELECT ${columns} FROM ${schema}.sample_block_fresh UNION ALL SELECT ${columns} FROM ${schema}.sample_block_waiting)`;
}

/** Returns a condition that is true for the rows of a set that are blocks, and begins with AND. */
export function conditionOf(set: BlockSet, { buckets, turns }: MergedParameters): string {
  return set === BLOCK_SETS.merged
    ? `AND block.bucket = ANY(${buckets}::int4[]) AND ${isCurrentAt('block', `${turns}::int8multirange`)}`
    : '';
}
