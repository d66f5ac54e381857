import pg from 'pg';
import { DataSource } from 'typeorm';
import { METRIC_TYPES, TEMPORALITIES } from '../../src/catalog/metric/metric.js';
import { SERIES_KIND, seriesKindOf } from '../../src/catalog/series/series-kind.js';
import { DatabaseSchema } from '../../src/database/schema/database-schema.js';
import { dataSourceOptions } from '../../src/server/database/data-source-options.js';
import { hasPendingMigrations, migrate } from '../../src/server/database/migrate.js';
import { BlockEncoder } from '../../src/sample-store/archive/block/block-encoder.js';
import { UNDOING_REFUSED, withoutCitus } from '../support/citus-database.js';
import { insertBlock } from '../support/stored-blocks.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

describe('schema', () => {
  let database: TestDatabase;

  beforeEach(async () => {
    database = await createTestDatabase();
  });

  afterEach(() => database.drop());

  test('the entities match the tables of the migrations', async () => {
    const dataSource = await new DataSource(
      dataSourceOptions(database.url, new DatabaseSchema('public'), 2),
    ).initialize();
    try {
      // The comparison needs this. The entities turn it off, so that a host's `synchronize` leaves our tables alone.
      for (const metadata of dataSource.entityMetadatas) metadata.synchronize = true;
      const { upQueries } = await dataSource.driver.createSchemaBuilder().log();
      expect(upQueries.map(({ query }) => query)).toEqual([]);
    } finally {
      await dataSource.destroy();
    }
  });

  withoutCitus(UNDOING_REFUSED)('migrates back and forth, and from several processes at once', async () => {
    const dataSource = await new DataSource(
      dataSourceOptions(database.url, new DatabaseSchema('public'), 2),
    ).initialize();
    try {
      for (const _ of dataSource.migrations) await dataSource.undoLastMigration();
    } finally {
      await dataSource.destroy();
    }
    expect(await hasPendingMigrations(database.url)).toBe(true);
    const runs = await Promise.all([migrate(database.url), migrate(database.url), migrate(database.url)]);
    expect(runs.flat().length).toBe(dataSource.migrations.length);
    expect(await hasPendingMigrations(database.url)).toBe(false);
  });

  withoutCitus(UNDOING_REFUSED)('refuses to go back to a version that cannot read the stored blocks', async () => {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    const dataSource = await new DataSource(
      dataSourceOptions(database.url, new DatabaseSchema('public'), 2),
    ).initialize();
    try {
      const times = Float64Array.of(0);
      const block = new BlockEncoder().encode([{ member: 1, times, values: times, isDelta: false }]);
      await insertBlock(client, 'sample_block_fresh', 0, block);
      const undoAll = async () => {
        for (const _ of dataSource.migrations) await dataSource.undoLastMigration();
      };
      await expect(undoAll()).rejects.toThrow('There are blocks, and the older version cannot read them');
      const { rows } = await client.query('SELECT bucket FROM sample_block');
      expect(rows).toEqual([{ bucket: 0 }]);
    } finally {
      await dataSource.destroy();
      await client.end();
    }
  });

  test('shows every raw sample as a row of metric_sample', async () => {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    try {
      await client.query(`
        INSERT INTO metric (id, name, type) VALUES (1, 'a_total', 'counter'), (2, 'b', 'gauge');
        INSERT INTO series (id, metric_id, identity, labels, temporality)
          VALUES (1, 1, 'x', '{"l": "1"}', 'delta'), (2, 2, 'y', '{}', NULL);
        INSERT INTO sample_batch (writer_id, sequence, received_at, series_ids, timestamps, "values") VALUES
          (1, 1, '2026-01-01T00:00:00.123Z', '{1,2,1}', NULL, '{1,2.5,3}'),
          (1, 2, '2026-01-01T00:00:01Z', '{2}', '{1767225600500}', '{-1}');`);
      const { rows } = await client.query('SELECT * FROM metric_sample ORDER BY at, value');
      expect(rows).toEqual([
        { metric: 'a_total', labels: { l: '1' }, at: new Date('2026-01-01T00:00:00.123Z'), value: 1 },
        { metric: 'b', labels: {}, at: new Date('2026-01-01T00:00:00.123Z'), value: 2.5 },
        { metric: 'a_total', labels: { l: '1' }, at: new Date('2026-01-01T00:00:00.123Z'), value: 3 },
        { metric: 'b', labels: {}, at: new Date('2026-01-01T00:00:00.500Z'), value: -1 },
      ]);
    } finally {
      await client.end();
    }
  });

  test('determines the kind of a series in SQL as in TypeScript', async () => {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    try {
      for (const type of METRIC_TYPES) {
        for (const temporality of [...TEMPORALITIES, null]) {
          const { rows } = await client.query(
            `SELECT ${SERIES_KIND} AS kind FROM (SELECT $1::text AS type) AS metric, (SELECT $2::text AS temporality) AS series`,
            [type, temporality],
          );
          expect(rows).toEqual([{ kind: seriesKindOf(type, temporality) }]);
        }
      }
    } finally {
      await client.end();
    }
  });
});
