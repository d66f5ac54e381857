import { CUSTOM_METRICS_ENTITIES } from './custom-metrics.entities.js';
import { CUSTOM_METRICS_MIGRATIONS } from './custom-metrics.migrations.js';
import { connectionOptions } from './database/connections/connection-options.js';
import { DatabaseSchema, DEFAULT_SCHEMA } from './database/schema/database-schema.js';
import { DatabaseSetupError } from './database/schema/database-setup.error.js';
import {
  findSchemaOfMigrations,
  migrateSchema,
  MIGRATIONS_TABLE,
  migrationsIn,
  type PostgresOptions,
} from './database/schema/schema-migrations.js';
import { ALLOWED_SCHEMA_NAMES, isSchemaName } from './settings/rules/schema-name.js';

/**
 * The default time after which Postgres cancels a statement, so that statements that wait for a lock or a slow disk can't occupy
 * all connections. It is a little shorter than the default of `store.waitMs`, so that the error arrives in time.
 */
const STATEMENT_TIMEOUT_MS = 4_500;

/** The options with which a host sets up the connection of custom metrics. All of them are optional. */
export interface CustomMetricsDataSourceOptions {
  /**
   * The name of the DataSource, for an app that has more than one. The module needs the same name in its option `dataSource`.
   */
  readonly name?: string;
  /** The schema for our tables, which is created if it does not exist; the default is `custom_metrics`. */
  readonly schema?: string;
  /** Maximum number of connections; the default is 10. */
  readonly poolSize?: number;
  /** The time after which Postgres cancels a statement, in milliseconds; 0 means never. The default is 4,500. */
  readonly statementTimeoutMs?: number;
  /** The TLS options of the connection, in the form that node-postgres accepts. */
  readonly ssl?: PostgresOptions['ssl'];
  /** The name of the connections in `pg_stat_activity`; the default is `custom-metrics`. */
  readonly applicationName?: string;
}

/** The options of a DataSource that has our tables in a separate schema. */
export type CustomMetricsDataSource = PostgresOptions & { readonly name?: string };

/**
 * Returns the TypeORM options of a DataSource for custom metrics, with their tables in a separate schema.
 *
 * The module creates the schema and its tables when the app starts. If several processes start at the same time, only one of them
 * does this, and the others wait.
 *
 * @param url `postgres://user:password@host:port/database`
 * @throws DatabaseSetupError if the URL or the name of the schema can't be used
 * @example
 * ```ts
 * TypeOrmModule.forRoot(customMetricsDataSource(process.env.DATABASE_URL, { name: 'metrics' })),
 * CustomMetricsModule.forRoot({ dataSource: 'metrics' }),
 * ```
 */
export function customMetricsDataSource(
  url: string | undefined,
  options: CustomMetricsDataSourceOptions = {},
): CustomMetricsDataSource {
  if (url === undefined || !/^postgres(?:ql)?:\/\//.test(url)) {
    // The URL may contain a password, so it is not shown.
    throw new DatabaseSetupError(
      `customMetricsDataSource needs the URL of a Postgres, like postgres://user:password@host:5432/database. ` +
        `It got ${url === undefined ? 'undefined: is the variable set?' : 'another text.'}`,
    );
  }
  const { name, schema = DEFAULT_SCHEMA, poolSize = 10, statementTimeoutMs = STATEMENT_TIMEOUT_MS, ssl } = options;
  return {
    ...connectionOptions(url, poolSize, statementTimeoutMs),
    ...contentsOf(new DatabaseSchema(checkSchemaName(schema))),
    ...(name === undefined ? {} : { name }),
    ...(ssl === undefined ? {} : { ssl }),
    ...(options.applicationName === undefined ? {} : { applicationName: options.applicationName }),
  };
}

/**
 * Checks the name of a schema that a host has chosen, and returns it.
 *
 * @throws DatabaseSetupError if the name can't be used
 */
export function checkSchemaName(name: string): string {
  if (isSchemaName(name)) return name;
  throw new DatabaseSetupError(
    `${JSON.stringify(name.slice(0, 100))} can't be the schema of custom metrics; allowed: ${ALLOWED_SCHEMA_NAMES}.`,
  );
}

/**
 * Returns the part of the TypeORM options that depends on the schema: our entities, and our migrations, which run in that schema.
 */
export function contentsOf(schema: DatabaseSchema) {
  return {
    schema: schema.name,
    entities: CUSTOM_METRICS_ENTITIES,
    migrations: migrationsIn(schema, CUSTOM_METRICS_MIGRATIONS),
    migrationsTableName: MIGRATIONS_TABLE,
    migrationsTransactionMode: 'each',
  } satisfies Partial<PostgresOptions>;
}

/**
 * Creates the schema of custom metrics, or migrates it to this version. The module does the same when the app starts, unless its
 * option `migrationsRun` is false. This function is for deployments that migrate in a separate step. Several processes may call
 * it at the same time.
 *
 * @param options the options that {@link customMetricsDataSource} returns; any other options are refused with a
 * DatabaseSetupError
 * @returns the names of the migrations that this call ran
 */
export function migrateCustomMetrics(options: CustomMetricsDataSource): Promise<string[]> {
  const schema = findSchemaOfMigrations(options);
  if (schema === undefined) {
    throw new DatabaseSetupError('migrateCustomMetrics needs the options that customMetricsDataSource returns.');
  }
  return migrateSchema(options, schema, CUSTOM_METRICS_MIGRATIONS);
}
