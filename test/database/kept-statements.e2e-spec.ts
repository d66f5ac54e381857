import pg from 'pg';
import { KeptStatements } from '../../src/database/binary/kept-statements.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

const TEXT = 'SELECT number, half FROM kept_numbers WHERE number >= $1::int ORDER BY number';

let database: TestDatabase;
let client: pg.Client;

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(() => database.drop());

beforeEach(async () => {
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query(
    'CREATE TABLE kept_numbers AS SELECT number, number / 2 AS half FROM generate_series(1, 4) AS number',
  );
});

afterEach(async () => {
  await client.query('DROP TABLE kept_numbers');
  await client.end();
});

/** Returns the names and texts of the statements that the session keeps. */
async function kept(): Promise<{ name: string; statement: string }[]> {
  const { rows } = await client.query<{ name: string; statement: string }>(
    'SELECT name, statement FROM pg_prepared_statements',
  );
  return rows;
}

describe('statements that a connection keeps', () => {
  it('are prepared once', async () => {
    const statements = new KeptStatements();
    for (let turn = 0; turn < 8; turn++) {
      expect(await statements.run(client, TEXT, ['3'])).toEqual([
        { number: 3, half: 1 },
        { number: 4, half: 2 },
      ]);
    }
    expect(await kept()).toEqual([{ name: expect.stringMatching(/^custom_metrics_[0-9a-f]{32}$/), statement: TEXT }]);
    const { rows } = await client.query<{ runs: number }>(
      'SELECT (generic_plans + custom_plans)::int AS runs FROM pg_prepared_statements',
    );
    expect(rows).toEqual([{ runs: 8 }]);
  });

  it('are kept after one of their runs has failed', async () => {
    const statements = new KeptStatements();
    const text = 'SELECT 6 / $1::int AS part';
    await expect(statements.run(client, text, ['0'])).rejects.toThrow('division by zero');
    expect(await statements.run(client, text, ['2'])).toEqual([{ part: 3 }]);
    expect(await kept()).toMatchObject([{ statement: text }]);
  });

  it('are not kept if Postgres cannot understand them', async () => {
    const statements = new KeptStatements();
    const text = 'SELECT $1::int AS part FROM kept_later';
    await expect(statements.run(client, text, ['1'])).rejects.toThrow('"kept_later" does not exist');
    await client.query('CREATE TEMP TABLE kept_later AS SELECT 1');
    expect(await statements.run(client, text, ['2'])).toEqual([{ part: 2 }]);
  });

  it.each([
    ['the session has lost them', () => 'DEALLOCATE ALL'],
    ['the columns of their result have changed', () => 'ALTER TABLE kept_numbers ALTER COLUMN half TYPE float8'],
  ])('are run without a name if %s', async (_, change) => {
    const statements = new KeptStatements();
    await statements.run(client, TEXT, ['4']);
    await client.query(change());
    expect(await statements.run(client, TEXT, ['4'])).toEqual([{ number: 4, half: 2 }]);
    const before = await kept();
    expect(await statements.run(client, TEXT, ['4'])).toEqual([{ number: 4, half: 2 }]);
    expect(await kept()).toEqual(before);
  });

  it('are run without a name if another process has prepared them in the same session', async () => {
    const first = new KeptStatements();
    await first.run(client, TEXT, ['4']);
    const { name } = (await kept())[0]!;
    const other = new pg.Client({ connectionString: database.url });
    await other.connect();
    try {
      await other.query(`PREPARE ${name} AS ${TEXT}`);
      expect(await new KeptStatements().run(other, TEXT, ['4'])).toEqual([{ number: 4, half: 2 }]);
    } finally {
      await other.end();
    }
  });
});
