import pg from 'pg';
import { DataSource } from 'typeorm';
import { contentsOf } from '../../src/custom-metrics.data-source.js';
import { DatabaseSchema } from '../../src/database/schema/database-schema.js';
import { eventually } from '../support/eventually.js';
import { push, scrape, startServer, type TestServer } from '../support/server.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

const createEncoded = (encoding: string) =>
  createTestDatabase({
    isEmpty: true,
    options: `ENCODING '${encoding}' LC_COLLATE 'C' LC_CTYPE 'C' LOCALE_PROVIDER libc`,
  });

describe('a database with another encoding than UTF8', () => {
  const databases: TestDatabase[] = [];
  let server: TestServer | undefined;

  afterEach(async () => {
    await server?.kill();
    server = undefined;
    await Promise.all(databases.splice(0).map((database) => database.drop()));
  });

  /** Expects that a server refuses to start, with one sentence. */
  async function expectRefusal({ url }: TestDatabase): Promise<void> {
    const failed = startServer({ DATABASE_URL: url });
    try {
      await expect(failed).rejects.toThrow(/ended with 1:[^]*has the encoding LATIN1[^]*ENCODING 'UTF8'[^]*pg_dump/);
      await expect(failed).rejects.not.toThrow(/\\n\s+at /);
    } finally {
      // If the test fails, the server runs.
      server = await failed.catch(() => undefined);
    }
  }

  test('is refused at the start if it can only store the characters of one alphabet', async () => {
    const database = await createEncoded('LATIN1');
    databases.push(database);
    await expectRefusal(database);
  });

  test('is a 503 if it takes the place of the right one, and is refused at the next start', async () => {
    // Both are on one server, because they swap their names.
    const [database, odd] = [await createTestDatabase({ isEmpty: true }), await createEncoded('LATIN1')];
    databases.push(database, odd);
    server = await startServer({ DATABASE_URL: database.url });
    await migrateUnchecked(odd);
    await copyTokens(database, odd);
    await swap(odd, database);
    const known = { name: 'known_total', value: 1 };
    await eventually(async () => expect((await push(server!, [known])).status).toBe(202));
    for (const headers of [{}, { 'Idempotency-Key': 'key' }] as Record<string, string>[]) {
      const response = await push(server, [{ ...known, labels: { text: '中' } }], headers);
      expect([response.status, await response.text()]).toEqual([
        503,
        expect.stringContaining('another encoding than UTF8'),
      ]);
      expect(response.headers.get('retry-after')).toBe('1');
    }
    expect((await push(server, [known])).status).toBe(202);
    expect(server.output()).not.toContain('"level":"error"');
    await server.kill();
    await expectRefusal(database);
  });

  test('is used if it can store any bytes', async () => {
    const database = await createEncoded('SQL_ASCII');
    databases.push(database);
    server = await startServer({ DATABASE_URL: database.url });
    expect((await push(server, [{ name: 'known_total', value: 1, labels: { text: 'ü中' } }])).status).toBe(202);
    expect(await scrape(server)).toContain('known_total{text="ü中"} 1');
  });
});

/** Creates our tables without the checks of a start, as a version of the service did that had none. */
async function migrateUnchecked({ url }: TestDatabase): Promise<void> {
  const dataSource = await new DataSource({
    type: 'postgres',
    url,
    ...contentsOf(new DatabaseSchema('public')),
  }).initialize();
  await dataSource.runMigrations();
  await dataSource.destroy();
}

async function copyTokens(from: TestDatabase, to: TestDatabase): Promise<void> {
  const [source, target] = [from, to].map(({ url }) => new pg.Client({ connectionString: url })) as [
    pg.Client,
    pg.Client,
  ];
  await Promise.all([source.connect(), target.connect()]);
  const { rows } = await source.query<{ tokens: object }>('SELECT json_agg(api_token) AS tokens FROM api_token');
  await target.query(
    `INSERT INTO api_token OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_recordset(NULL::api_token, $1)`,
    [JSON.stringify(rows[0]!.tokens)],
  );
  await Promise.all([source.end(), target.end()]);
}

/** Swaps the names of two databases while a server uses the second one. */
async function swap(one: TestDatabase, other: TestDatabase): Promise<void> {
  const [name, otherName] = [one, other].map(({ url }) => new URL(url).pathname.slice(1)) as [string, string];
  const client = new pg.Client({ connectionString: Object.assign(new URL(one.url), { pathname: '/postgres' }).href });
  await client.connect();
  // Nobody can connect to it while it changes its name.
  await client.query(`ALTER DATABASE ${otherName} ALLOW_CONNECTIONS false`);
  await client.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = ANY($1)', [
    [name, otherName],
  ]);
  await eventually(() => client.query(`ALTER DATABASE ${otherName} RENAME TO ${otherName}_kept`));
  await eventually(() => client.query(`ALTER DATABASE ${name} RENAME TO ${otherName}`));
  await client.query(`ALTER DATABASE ${otherName}_kept RENAME TO ${name}`);
  await client.query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS true`);
  await client.end();
}
