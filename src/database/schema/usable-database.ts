import type { DataSource } from 'typeorm';
import { DatabaseSetupError } from './database-setup.error.js';

/** The encodings that can store any text. SQL_ASCII stores bytes as they are. */
const USABLE_ENCODINGS: ReadonlySet<string> = new Set(['UTF8', 'SQL_ASCII']);

/**
 * Checks that a database can store all characters of names and labels.
 *
 * @throws DatabaseSetupError for an encoding such as LATIN1, in which requests with other characters would fail
 */
export async function assertUsable(dataSource: DataSource): Promise<void> {
  const [{ name, encoding }]: [{ name: string; encoding: string }] = await dataSource.query(
    'SELECT current_database() AS name, getdatabaseencoding() AS encoding',
  );
  if (!USABLE_ENCODINGS.has(encoding)) {
    throw new DatabaseSetupError(
      `The database ${name} has the encoding ${encoding}, which can't store all characters of names and labels. Use another one: ` +
        "CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0, and move existing data to it with pg_dump and pg_restore.",
    );
  }
}
