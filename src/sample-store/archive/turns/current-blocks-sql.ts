import type { DatabaseSchema } from '../../../database/schema/database-schema.js';

/** An SQL expression of the columns of `sample_merge`, for the set of turns that count. */
export const COUNTED_TURNS = `int8multirange(int8range(0, turn, '[]')) - abandoned`;

/**
 * Returns an SQL condition that is true for a row of `sample_block_merged` that is current: the turn that has written it counts, and none
 * that counts has replaced it. Other rows are those of a turn that is in progress or was abandoned, and replaced ones that are not deleted yet.
 *
 * @param counted an expression for the set of turns that count
 */
export function isCurrentAt(block: string, counted: string): string {
  return `(${counted} @> ${block}.turn AND (${block}.replaced_turn IS NULL OR NOT ${counted} @> ${block}.replaced_turn))`;
}

/** Returns the same condition for the turns that the snapshot of the statement shows. */
export function isCurrent(block: string, schema: DatabaseSchema): string {
  return isCurrentAt(block, `(SELECT ${COUNTED_TURNS} FROM ${schema}.sample_merge)`);
}
