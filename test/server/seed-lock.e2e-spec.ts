import pg from 'pg';
import { ADVISORY_LOCKS } from '../../src/database/advisory-locks.js';
import { startServer } from '../support/server.js';
import { createTestDatabase } from '../support/test-database.js';

test('a start does not wait for a compaction that another process runs', async () => {
  const database = await createTestDatabase();
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    await client.query(`SELECT pg_advisory_lock(${ADVISORY_LOCKS.archive})`);
    const server = await startServer({ DATABASE_URL: database.url, STORE_WAIT_MS: '2000' });
    await server.kill();
  } finally {
    await client.end();
    await database.drop();
  }
});
