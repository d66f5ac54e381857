import { DataSource } from 'typeorm';
import { ADVISORY_LOCKS } from '../../database/advisory-locks.js';
import { dataSourceOptions } from './data-source-options.js';
import { inTransaction } from '../../database/transaction.js';

/** One connection holds the lock, and another one migrates. */
const CONNECTIONS = 2;

/**
 * Migrates a database to the schema of this version. Several processes may run it at once: one migrates, the others wait.
 *
 * @returns the names of the migrations that this call ran
 */
export async function migrate(url: string): Promise<string[]> {
  const dataSource = await new DataSource(dataSourceOptions(url, CONNECTIONS)).initialize();
  try {
    // There are no time limits, because the migration of a large table may take long.
    return await inTransaction(dataSource, { statementTimeoutMs: 0, idleTimeoutMs: 0 }, async (lock) => {
      // The lock belongs to the transaction and not to the session, because a pooler may give the next statement to another one.
      await lock.query('SELECT pg_advisory_xact_lock($1)', [ADVISORY_LOCKS.migration]);
      const migrations = await dataSource.runMigrations();
      return migrations.map(({ name }) => name);
    });
  } finally {
    await dataSource.destroy();
  }
}

/** Returns whether the database lacks migrations of this version. */
export async function hasPendingMigrations(url: string): Promise<boolean> {
  const dataSource = await new DataSource(dataSourceOptions(url, 1)).initialize();
  try {
    return await dataSource.showMigrations();
  } finally {
    await dataSource.destroy();
  }
}
