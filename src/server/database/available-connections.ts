import { DataSource } from 'typeorm';
import { connectionOptions } from '../../database/connections/connection-options.js';

/** Returns the number of connections that Postgres allows for roles without special rights, including those in use. */
export async function availableConnections(url: string): Promise<number> {
  const dataSource = await new DataSource(connectionOptions(url, 1)).initialize();
  try {
    // Before Postgres 16, there is no reserved_connections.
    const [row]: [{ count: number }] = await dataSource.query(
      `SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
         - coalesce(current_setting('reserved_connections', true)::int, 0) AS count`,
    );
    return row.count;
  } finally {
    await dataSource.destroy();
  }
}
