import { contentsOf } from '../../custom-metrics.data-source.js';
import { connectionOptions } from '../../database/connections/connection-options.js';
import type { DatabaseSchema } from '../../database/schema/database-schema.js';
import type { PostgresOptions } from '../../database/schema/schema-migrations.js';

/** Returns the options for all connections of the service that use our tables. */
export function dataSourceOptions(
  url: string,
  schema: DatabaseSchema,
  ...limits: [poolSize: number, statementTimeoutMs?: number]
): PostgresOptions {
  return { ...connectionOptions(url, ...limits), ...contentsOf(schema) };
}
