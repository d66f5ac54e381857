import { DataSource, type DataSourceOptions, type MigrationInterface, type QueryRunner } from 'typeorm';
import { databaseMessageOf, errorCodeOf } from '../outage.js';
import { inTransaction } from '../transaction.js';
import { assertUsable } from './usable-database.js';
import type { DatabaseSchema } from './database-schema.js';
import { DatabaseSetupError } from './database-setup.error.js';

/** The options of a DataSource for Postgres. */
export type PostgresOptions = Extract<DataSourceOptions, { type: 'postgres' }>;

/** The class of a migration. */
export type Migration = new () => MigrationInterface;

/** The table in our schema that lists the migrations that have run. A host has its own list. */
export const MIGRATIONS_TABLE = 'custom_metrics_migration';

/** Number of connections: one holds the lock, and another one migrates. */
const CONNECTIONS = 2;

const INSUFFICIENT_PRIVILEGE = '42501';
const DUPLICATE_TABLE = '42P07';

/** The schemas of the classes that {@link migrationsIn} returns. */
const schemaOfMigration = new WeakMap<object, DatabaseSchema>();

/** Wraps each migration in a class that runs it in the given schema, regardless of the connection's `search_path`. */
export function migrationsIn(schema: DatabaseSchema, migrations: readonly Migration[]): Migration[] {
  return migrations.map((BaseMigration) => {
    class MigrationInSchema implements MigrationInterface {
      private readonly migration = new BaseMigration();
      readonly name = this.migration.name;
      readonly transaction = this.migration.transaction;

      up(runner: QueryRunner): Promise<void> {
        return this.inSchema(runner, () => this.migration.up(runner));
      }

      down(runner: QueryRunner): Promise<void> {
        return this.inSchema(runner, () => this.migration.down(runner));
      }

      private async inSchema(runner: QueryRunner, task: () => Promise<void>): Promise<void> {
        // In a transaction, the settings are LOCAL, because a pooler may give the session to another client after the transaction.
        // The role may have a time limit, which the migration of a large table would exceed.
        const isAlone = this.transaction === false;
        const set = isAlone ? 'SET' : 'SET LOCAL';
        await runner.query(`${set} search_path TO ${schema}, pg_temp; ${set} statement_timeout = 0`);
        await task();
        if (isAlone) await runner.query('RESET search_path; RESET statement_timeout');
      }
    }
    schemaOfMigration.set(MigrationInSchema, schema);
    return MigrationInSchema;
  });
}

/** Returns the schema of the migrations in the options of a DataSource, or undefined if none come from {@link migrationsIn}. */
export function findSchemaOfMigrations({ migrations }: DataSourceOptions): DatabaseSchema | undefined {
  return Object.values(migrations ?? {})
    .map((migration) => (typeof migration === 'function' ? schemaOfMigration.get(migration) : undefined))
    .find((schema) => schema !== undefined);
}

/** Returns the names under which TypeORM lists the migrations. */
export function namesOf(migrations: readonly Migration[]): string[] {
  return migrations.map((EachMigration) => new EachMigration().name ?? EachMigration.name);
}

/**
 * Creates a schema and everything in it, or migrates it to the current version. Several processes may do so at the same time. One
 * of them migrates, and the others wait.
 *
 * @param options the options of a DataSource, from which the new connection takes its server, its login and its driver options
 * @returns the names of the migrations that this call ran
 */
export async function migrateSchema(
  options: PostgresOptions,
  schema: DatabaseSchema,
  migrations: readonly Migration[],
): Promise<string[]> {
  const dataSource = await new DataSource({
    ...options,
    schema: schema.name,
    entities: [],
    subscribers: [],
    migrations: migrationsIn(schema, migrations),
    migrationsTableName: MIGRATIONS_TABLE,
    // Each migration has its own transaction, so that one can opt out of it for CREATE INDEX CONCURRENTLY.
    migrationsTransactionMode: 'each',
    migrationsRun: false,
    synchronize: false,
    dropSchema: false,
    cache: false,
    logging: false,
    poolSize: CONNECTIONS,
    // There is no time limit, because the migration of a large table may take a long time.
    extra: { ...options.extra, max: CONNECTIONS, statement_timeout: 0, query_timeout: 0 },
  }).initialize();
  try {
    return await inTransaction(dataSource, { statementTimeoutMs: 0, idleTimeoutMs: 0 }, async (lock) => {
      // The lock belongs to the transaction and not to the session, because a pooler may send the next statement to another
      // session.
      await lock.query('SELECT pg_advisory_xact_lock($1)', [schema.lock('migration')]);
      await assertUsable(dataSource);
      await createSchema(dataSource, schema);
      return (await dataSource.runMigrations()).map(({ name }) => name);
    });
  } catch (error) {
    if (errorCodeOf(error) !== DUPLICATE_TABLE) throw error;
    throw new DatabaseSetupError(
      `The schema ${schema.name} has a table that custom metrics wants to create: ${databaseMessageOf(error)}. ` +
        'Choose another schema, which may be one that does not exist yet.',
    );
  } finally {
    await dataSource.destroy();
  }
}

async function createSchema(dataSource: DataSource, schema: DatabaseSchema): Promise<void> {
  // CREATE SCHEMA IF NOT EXISTS requires the privilege CREATE even if the schema already exists.
  const existing: unknown[] = await dataSource.query('SELECT 1 FROM pg_namespace WHERE nspname = $1', [schema.name]);
  if (existing.length > 0) return;
  try {
    await dataSource.query(`CREATE SCHEMA ${schema}`);
  } catch (error) {
    if (errorCodeOf(error) !== INSUFFICIENT_PRIVILEGE) throw error;
    const [role]: [{ name: string }] = await dataSource.query('SELECT quote_ident(current_user) AS name');
    throw new DatabaseSetupError(
      `The role ${role.name} may not create the schema ${schema.name} for the tables of custom metrics. ` +
        `Let the owner of the database run: CREATE SCHEMA ${schema} AUTHORIZATION ${role.name}`,
    );
  }
}
