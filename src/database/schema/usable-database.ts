import type { DataSource } from 'typeorm';
import { DatabaseSetupError } from './database-setup.error.js';

/** The encodings that can store any text. SQL_ASCII stores bytes as they are. */
const USABLE_ENCODINGS: ReadonlySet<string> = new Set(['UTF8', 'SQL_ASCII']);

interface SessionRow {
  readonly name: string;
  readonly encoding: string;
  readonly array_nulls: string;
  readonly date_style: string;
}

/**
 * Checks that a database can store all characters of names and labels, and that its sessions read and write values as our
 * statements need it. The sessions of our own connections do, whatever the database or the role sets, but those of a host may not.
 *
 * @throws DatabaseSetupError with a message that says what to change
 */
export async function assertUsable(dataSource: DataSource): Promise<void> {
  const [session]: [SessionRow] = await dataSource.query(
    `SELECT current_database() AS name, getdatabaseencoding() AS encoding, current_setting('array_nulls') AS array_nulls,
       current_setting('DateStyle') AS date_style`,
  );
  const { name, encoding, array_nulls, date_style } = session;
  if (!USABLE_ENCODINGS.has(encoding)) {
    throw new DatabaseSetupError(
      `The database ${name} has the encoding ${encoding}, which can't store all characters of names and labels. Use another one: ` +
        "CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0, and move existing data to it with pg_dump and pg_restore.",
    );
  }
  if (array_nulls !== 'on') throw wrongSetting(name, 'array_nulls', array_nulls);
  if (!date_style.startsWith('ISO')) throw wrongSetting(name, 'DateStyle', date_style);
}

function wrongSetting(database: string, setting: string, value: string): DatabaseSetupError {
  return new DatabaseSetupError(
    `The sessions of the database ${database} have ${setting} = ${value}, with which custom metrics can't read their data. Give them ` +
      'the connections of customMetricsDataSource(url), or remove the setting from the database or the role: ' +
      `ALTER DATABASE … RESET ${setting}.`,
  );
}
