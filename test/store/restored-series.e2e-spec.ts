import { DataSource } from 'typeorm';
import { CatalogRepository } from '../../src/catalog/catalog.repository.js';
import { RemovalRepository } from '../../src/catalog/removal/removal.repository.js';
import { KnownDatabase } from '../../src/database/known-database.js';
import { DatabaseSchema } from '../../src/database/schema/database-schema.js';
import { dataSourceOptions } from '../../src/server/database/data-source-options.js';
import { eventually } from '../support/eventually.js';
import { storeUnderTest } from '../support/service-under-test.js';

describe('a forgotten series', () => {
  const store = storeUnderTest('all');
  const schema = new DatabaseSchema('public');
  const known = new KnownDatabase(schema);
  let dataSource: DataSource;

  beforeAll(async () => {
    dataSource = await new DataSource(dataSourceOptions(store.url, schema, 4)).initialize();
  });

  afterAll(() => dataSource.destroy());

  async function sessionsThatWait(): Promise<number> {
    const { rows } = await store.client.query<{ count: number }>(
      'SELECT count(DISTINCT pid)::int AS count FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE NOT granted AND datname = current_database()',
    );
    return rows[0]!.count;
  }

  test('is restored or deleted, whichever comes first, without a deadlock', async () => {
    await store.client.query(`INSERT INTO metric (id, name, type) VALUES (1, 'wanted', 'gauge')`);
    await store.client.query(
      `INSERT INTO series (id, metric_id, identity, labels, forgotten_at) VALUES (1, 1, '\\x01', '{}', now()), (2, 1, '\\x02', '{}', NULL)`,
    );
    // The deletion locks the first series, and waits for the second one.
    const holder = dataSource.createQueryRunner();
    await holder.startTransaction();
    await holder.query('SELECT FROM series WHERE id = 2 FOR UPDATE');
    const deletion = new RemovalRepository(dataSource, known, schema).deleteSeries([1, 2]);
    await eventually(async () => expect(await sessionsThatWait()).toBe(1));
    const restoration = new CatalogRepository(dataSource, known, schema).reviveSeries([1]);
    await eventually(async () => expect(await sessionsThatWait()).toBe(2));
    await holder.commitTransaction();
    await holder.release();
    expect(await Promise.allSettled([deletion, restoration])).toEqual([
      { status: 'fulfilled', value: [1, 2] },
      { status: 'fulfilled', value: undefined },
    ]);
    const { rows } = await store.client.query('SELECT id FROM series WHERE deleted_at IS NULL');
    expect(rows).toEqual([]);
  });
});
