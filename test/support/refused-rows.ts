/** The error with which {@link refuseRows} makes inserts fail. */
export const REFUSED = 'violates check constraint "refused"';

/**
 * Makes inserts into some tables fail. It uses a constraint, because Citus refuses triggers on distributed tables.
 *
 * @returns a function that lets the tables take rows again
 */
export async function refuseRows(
  query: (sql: string) => Promise<unknown>,
  ...tables: readonly ('sample_block_waiting' | 'sample_block_merged')[]
): Promise<() => Promise<void>> {
  for (const table of tables) await query(`ALTER TABLE ${table} ADD CONSTRAINT refused CHECK (bucket < 0) NOT VALID`);
  return async () => {
    for (const table of tables) await query(`ALTER TABLE ${table} DROP CONSTRAINT refused`);
  };
}
