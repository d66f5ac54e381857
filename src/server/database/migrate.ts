import { DataSource } from 'typeorm';
import { CUSTOM_METRICS_MIGRATIONS } from '../../custom-metrics.migrations.js';
import { connectionOptions } from '../../database/connections/connection-options.js';
import { DatabaseSchema } from '../../database/schema/database-schema.js';
import { DatabaseSetupError } from '../../database/schema/database-setup.error.js';
import { migrateSchema, namesOf } from '../../database/schema/schema-migrations.js';
import { SchemaStateRepository } from '../../database/schema/schema-state.repository.js';

/**
 * Finds the schema of the service. Without DATABASE_SCHEMA, it is the first one in the search path of the connection, which is
 * `public` by default. Versions without that setting created their tables there.
 */
export async function findSchema(url: string, setting: string | undefined): Promise<DatabaseSchema> {
  if (setting !== undefined) return new DatabaseSchema(setting);
  const current = await withState(url, (state) => state.currentSchema());
  if (current !== undefined) return new DatabaseSchema(current);
  throw new DatabaseSetupError(
    'The search_path of this database or role names no schema that exists, so there is no place for the tables. Set DATABASE_SCHEMA.',
  );
}

/**
 * Migrates a database to the schema of this version. If several processes call this function at the same time, one of them
 * migrates and the others wait.
 *
 * @param setting the value of DATABASE_SCHEMA
 * @returns the names of the migrations that this call ran
 */
export async function migrate(url: string, setting?: string): Promise<string[]> {
  const schema = await findSchema(url, setting);
  return migrateSchema(connectionOptions(url, 1), schema, CUSTOM_METRICS_MIGRATIONS);
}

/** Returns whether the database lacks migrations of this version. */
export async function hasPendingMigrations(url: string, setting?: string): Promise<boolean> {
  const schema = await findSchema(url, setting);
  const executed = await withState(url, (state) => state.executedMigrations(schema));
  return namesOf(CUSTOM_METRICS_MIGRATIONS).some((name) => !executed.includes(name));
}

async function withState<T>(url: string, task: (state: SchemaStateRepository) => Promise<T>): Promise<T> {
  const dataSource = await new DataSource(connectionOptions(url, 1)).initialize();
  try {
    return await task(new SchemaStateRepository(dataSource));
  } finally {
    await dataSource.destroy();
  }
}
