import { DataSource } from 'typeorm';
import { ADVISORY_LOCKS } from '../../database/advisory-locks.js';
import { dataSourceOptions } from './data-source-options.js';
import { inTransaction } from '../../database/transaction.js';

/** One connection holds the lock, another migrates. */
const CONNECTIONS = 2;

/**
 * Brings a database to this version's schema. Safe to run from several processes at once: one migrates, the others wait.
 *
 * @returns names of the migrations that were run here
 */
export async function migrate(url: string): Promise<string[]> {
  const dataSource = await new DataSource(dataSourceOptions(url, CONNECTIONS)).initialize();
  try {
    // Without limits, because a migration of a large table takes as long as it takes.
    return await inTransaction(dataSource, { statementTimeoutMs: 0, idleTimeoutMs: 0 }, async (lock) => {
      // A lock of a transaction and not of a session: a pooler may give the next statement to another session.
      await lock.query('SELECT pg_advisory_xact_lock($1)', [ADVISORY_LOCKS.migration]);
      const migrations = await dataSource.runMigrations();
      return migrations.map(({ name }) => name);
    });
  } finally {
    await dataSource.destroy();
  }
}

/** Whether the database lacks migrations of this version. */
export async function hasPendingMigrations(url: string): Promise<boolean> {
  const dataSource = await new DataSource(dataSourceOptions(url, 1)).initialize();
  try {
    return await dataSource.showMigrations();
  } finally {
    await dataSource.destroy();
  }
}
