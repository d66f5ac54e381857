import type { DataSource, DataSourceOptions } from 'typeorm';
import { DatabaseSchema, DEFAULT_SCHEMA } from './database-schema.js';
import { DatabaseSetupError } from './database-setup.error.js';
import {
  findSchemaOfMigrations,
  migrateSchema,
  type Migration,
  namesOf,
  type PostgresOptions,
} from './schema-migrations.js';
import { SchemaStateRepository } from './schema-state.repository.js';
import { assertUsable } from './usable-database.js';

/** The entities and migrations of the module. */
export interface DatabaseContents {
  readonly entities: readonly unknown[];
  readonly migrations: readonly Migration[];
}

/** A DataSource of the host, with the host's options for it. */
export interface HostDataSource {
  readonly dataSource: DataSource;
  /** The name that messages use. */
  readonly name: string;
  /** The schema that the host names in the options of the module. */
  readonly schema: string | undefined;
  /** True if the module creates its tables; otherwise they must already exist. */
  readonly migrationsRun: boolean;
}

/**
 * Determines the schema that a DataSource of the host has for our tables, and makes sure that the tables exist. There are two
 * cases:
 *
 * - The module owns the schema, and migrates it if `migrationsRun` is true. The DataSource comes from `customMetricsDataSource`,
 * or is the host's own and contains neither our entities nor our migrations.
 * - The host has put our entities or migrations into its own DataSource. Then our tables are in the first schema of its search
 * path, and the host migrates them.
 *
 * @throws DatabaseSetupError with a message that says what to change
 */
export async function openSchema(host: HostDataSource, contents: DatabaseContents): Promise<DatabaseSchema> {
  const { dataSource, name } = host;
  const options = optionsOf(dataSource, name);
  await assertUsable(dataSource);
  const bound = findSchemaOfMigrations(options);
  if (bound === undefined && isSharing(options, contents)) return openShared(host, options, contents);
  const schema = bound ?? new DatabaseSchema(host.schema ?? DEFAULT_SCHEMA);
  if (bound !== undefined) refuseOtherSchema(host, bound);
  if (host.migrationsRun) await migrateSchema(options, schema, contents.migrations);
  else await refuseMissing(host, schema, contents);
  return schema;
}

/**
 * Checks that a DataSource for reading history, which may be that of a replica, is not bound to another schema. The database is
 * not queried, because the replica may be unavailable at startup.
 */
export function checkHistorySchema(dataSource: DataSource, name: string, schema: DatabaseSchema): void {
  const bound = findSchemaOfMigrations(optionsOf(dataSource, name));
  if (bound === undefined || bound.name === schema.name) return;
  throw new DatabaseSetupError(
    `The DataSource ${quoted(name)} reads history from the schema ${bound.name}, but the samples are in ${schema.name}. ` +
      'Give both the same option schema.',
  );
}

function optionsOf({ options }: DataSource, name: string): PostgresOptions {
  if (options.type === 'postgres') return options;
  throw new DatabaseSetupError(
    `Custom metrics need Postgres, but the DataSource ${quoted(name)} is of the type ${options.type}. ` +
      'Give them a connection of their own: TypeOrmModule.forRoot(customMetricsDataSource(url, { name: "metrics" })) and ' +
      'CustomMetricsModule.forRoot({ dataSource: "metrics" }).',
  );
}

function isSharing(options: DataSourceOptions, { entities, migrations }: DatabaseContents): boolean {
  return (
    valuesIn(options.entities).some((entity) => entities.includes(entity)) ||
    valuesIn(options.migrations).some((migration) => migrations.includes(migration as Migration))
  );
}

async function openShared(
  host: HostDataSource,
  options: PostgresOptions,
  contents: DatabaseContents,
): Promise<DatabaseSchema> {
  const state = new SchemaStateRepository(host.dataSource);
  // The migrations themselves name no schema, so they have created the tables in the first schema of the search path.
  const current = await state.currentSchema();
  if (current === undefined) {
    throw new DatabaseSetupError(
      `The DataSource ${quoted(host.name)} has the entities or migrations of custom metrics, but its search_path names no schema ` +
        'that exists, so there is no place for the tables.',
    );
  }
  const schema = new DatabaseSchema(current);
  refuseOtherSchema(host, schema);
  const isMigrating = valuesIn(options.migrations).some((each) => contents.migrations.includes(each as Migration));
  if (!(await state.hasTables(schema))) {
    throw new DatabaseSetupError(
      `The tables of custom metrics are missing in the schema ${schema.name} of the DataSource ${quoted(host.name)}` +
        (isMigrating
          ? ': its migrations have not run. Set migrationsRun: true in its options, or run them before the start, or '
          : '. Add CUSTOM_METRICS_MIGRATIONS to its migrations, and run them, or ') +
        'remove our entities and migrations from it, so that the module creates the tables by itself.' +
        (options.synchronize === true ? " TypeORM's synchronize does not create them." : ''),
    );
  }
  if (isMigrating) {
    const listSchema = new DatabaseSchema(options.schema ?? current);
    const executed = await state.executedMigrations(listSchema, options.migrationsTableName ?? 'migrations');
    refusePending(host, schema, missingOf(contents, executed), 'Run the migrations of this DataSource.');
  }
  return schema;
}

async function refuseMissing(host: HostDataSource, schema: DatabaseSchema, contents: DatabaseContents): Promise<void> {
  const state = new SchemaStateRepository(host.dataSource);
  const missing = missingOf(contents, await state.executedMigrations(schema));
  refusePending(
    host,
    schema,
    missing,
    'Call migrateCustomMetrics before the start, or leave out migrationsRun: false, so that the module migrates by itself.',
  );
}

function refusePending(
  { name }: HostDataSource,
  schema: DatabaseSchema,
  missing: readonly string[],
  remedy: string,
): void {
  if (missing.length === 0) return;
  throw new DatabaseSetupError(
    `The schema ${schema.name} of the DataSource ${quoted(name)} lacks ${missing.length} migrations of custom metrics, from ` +
      `${missing[0]} on. ${remedy}`,
  );
}

function refuseOtherSchema({ name, schema: asked }: HostDataSource, found: DatabaseSchema): void {
  if (asked === undefined || asked === found.name) return;
  throw new DatabaseSetupError(
    `The option schema of CustomMetricsModule is ${quoted(asked)}, but the DataSource ${quoted(name)} has the tables of custom ` +
      `metrics in the schema ${quoted(found.name)}. Say the schema in one place: leave it out in CustomMetricsModule.`,
  );
}

function missingOf({ migrations }: DatabaseContents, executed: readonly string[]): string[] {
  return namesOf(migrations).filter((name) => !executed.includes(name));
}

/**
 * Returns the values of a list in the options of a DataSource. Such a list may be an object whose values are the list, as with
 * `import * as entities`.
 */
function valuesIn(list: DataSourceOptions['entities'] | DataSourceOptions['migrations']): unknown[] {
  return Object.values(list ?? {});
}

function quoted(text: string): string {
  return `"${text}"`;
}
