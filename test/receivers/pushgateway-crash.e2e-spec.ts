import pg from 'pg';
import { untilBlocked } from '../support/database-sessions.js';
import { INGEST_TOKEN, scrape, startServer, type TestServer, valueOn } from '../support/server.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

const SERIES = 'crashed_level{job="crash"}';

describe("a crash in the middle of a group's push", () => {
  let database: TestDatabase;
  let server: TestServer;
  let client: pg.Client;

  beforeAll(async () => {
    database = await createTestDatabase();
    server = await startServer({ DATABASE_URL: database.url });
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
  });

  afterAll(async () => {
    await client?.end();
    await server?.stop();
    await database?.drop();
  });

  const send = (method: string, body?: string) =>
    fetch(`${server.url}/metrics/job/crash`, { method, headers: { Authorization: INGEST_TOKEN }, body });

  it('leaves nothing on the page that the group could not delete', async () => {
    await client.query('BEGIN');
    await client.query('LOCK TABLE push_group_series IN EXCLUSIVE MODE');
    const push = send('PUT', 'crashed_level 1\n').catch(() => undefined);
    await untilBlocked(client, 1);
    await server.kill();
    await push;
    // Postgres does not notice that the client of a session is gone while the session waits for a lock.
    await client.query(
      `SELECT pg_terminate_backend(pid) FROM pg_locks
       WHERE NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
    );
    await client.query('ROLLBACK');

    server = await startServer({ DATABASE_URL: database.url });
    expect((await send('DELETE')).status).toBe(202);
    expect(valueOn(await scrape(server), SERIES)).toBeUndefined();
  });

  it('does not keep the group from its next push', async () => {
    expect((await send('PUT', 'crashed_level 2\n')).status).toBe(200);
    expect(valueOn(await scrape(server), SERIES)).toBe(2);
    expect((await send('DELETE')).status).toBe(202);
    expect(valueOn(await scrape(server), SERIES)).toBeUndefined();
  });

  it('returns series to the group that a deletion has removed during the push', async () => {
    expect((await send('PUT', 'crashed_level 3\n')).status).toBe(200);
    // Two pushes run concurrently, many times. Whichever is last, one more deletion must end all series.
    for (let round = 0; round < 20; round++) {
      const answers = await Promise.all([send('PUT', 'crashed_level 4\n'), send('DELETE')]);
      expect(answers.map(({ status }) => status)).toEqual([200, 202]);
    }
    expect((await send('DELETE')).status).toBe(202);
    expect(valueOn(await scrape(server), SERIES)).toBeUndefined();
  });
});
