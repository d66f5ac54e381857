import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { ADMIN_TOKEN, push, startServer, type TestServer } from './support/server.js';
import { createTestDatabase, type TestDatabase } from './support/test-database.js';

const ROWS = 480;
const SAMPLES_PER_ROW = 10_000;

describe('a history query whose client hangs up', () => {
  let database: TestDatabase;
  let client: pg.Client;
  let server: TestServer;

  beforeAll(async () => {
    database = await createTestDatabase();
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
    server = await startServer({ DATABASE_URL: database.url, HISTORY_MAX_SAMPLES: '10000000' });
    await push(server, [{ name: 'long_total', value: 1 }]);
    await client.query(
      `INSERT INTO sample_batch (writer_id, sequence, series_ids, "values")
       SELECT 1000000, row, array_fill((SELECT min(id) FROM series), ARRAY[${SAMPLES_PER_ROW}]),
              array_fill(1::float8, ARRAY[${SAMPLES_PER_ROW}])
       FROM generate_series(1, ${ROWS}) AS row`,
    );
  });

  afterAll(async () => {
    await server.kill();
    await client.end();
    await database.drop();
  });

  function ask(signal?: AbortSignal): Promise<Response> {
    return fetch(`${server.url}/api/history/query?metric=long_total&aggregate=p99&step=1h&from=-1d`, {
      headers: { Authorization: ADMIN_TOKEN },
      signal,
    });
  }

  /** Connections of the server that are in a transaction, which only readers and the fold are for longer. */
  async function readers(): Promise<number> {
    const { rows } = await client.query<{ n: string }>(
      `SELECT count(*) AS n FROM pg_stat_activity
       WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE '%FROM stored%' AND state <> 'idle'`,
    );
    return Number(rows[0]!.n);
  }

  test('stops reading long before its end', async () => {
    const startedAt = Date.now();
    const answer = await ask();
    await answer.arrayBuffer();
    expect(answer.status).toBe(200);
    const whole = Date.now() - startedAt;

    const controller = new AbortController();
    const asking = ask(controller.signal).catch(() => undefined);
    while ((await readers()) === 0) await sleep(2);
    const abortedAt = Date.now();
    controller.abort();
    await asking;
    while ((await readers()) > 0) await sleep(2);
    expect(Date.now() - abortedAt).toBeLessThan(whole / 2);
  });
});
