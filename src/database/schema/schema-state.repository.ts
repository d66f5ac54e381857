import type { DataSource } from 'typeorm';
import type { DatabaseSchema } from './database-schema.js';
import { MIGRATIONS_TABLE } from './schema-migrations.js';

/** Contains the SQL that examines a schema before any data is read from it. */
export class SchemaStateRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** Returns the schema that the connection uses for names without a schema, or undefined if it has none. */
  async currentSchema(): Promise<string | undefined> {
    const [row]: [{ name: string | null }] = await this.dataSource.query('SELECT current_schema() AS name');
    return row.name ?? undefined;
  }

  /** Returns whether the schema has the table and the function that ingestion needs. */
  async hasTables(schema: DatabaseSchema): Promise<boolean> {
    const [row]: [{ has_all: boolean }] = await this.dataSource.query(
      `SELECT to_regclass($1) IS NOT NULL AND EXISTS (
         SELECT FROM pg_proc JOIN pg_namespace ON pg_namespace.oid = pronamespace
         WHERE nspname = $2 AND proname = 'custom_metrics_append') AS has_all`,
      [`${schema}.sample_batch`, schema.name],
    );
    return row.has_all;
  }

  /**
   * Returns the names of the migrations that have run, as a table of the schema lists them. The result is empty if there is no
   * such table.
   */
  async executedMigrations(schema: DatabaseSchema, table = MIGRATIONS_TABLE): Promise<string[]> {
    const list = `${schema}."${table.replaceAll('"', '""')}"`;
    const [row]: [{ exists: boolean }] = await this.dataSource.query('SELECT to_regclass($1) IS NOT NULL AS exists', [
      list,
    ]);
    if (!row.exists) return [];
    const rows: { name: string }[] = await this.dataSource.query(`SELECT name FROM ${list}`);
    return rows.map(({ name }) => name);
  }
}
