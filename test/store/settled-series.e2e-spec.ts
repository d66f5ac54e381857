import { DataSource, type QueryRunner } from 'typeorm';
import { CatalogRepository } from '../../src/catalog/catalog.repository.js';
import { CreationRepository } from '../../src/catalog/creation.repository.js';
import { RemovalRepository } from '../../src/catalog/removal/removal.repository.js';
import { KnownExtents } from '../../src/catalog/series/known-extents.js';
import { Metric, Series } from '../../src/catalog/series/series.js';
import { SettledExtents } from '../../src/catalog/series/settled-extents.js';
import { KnownDatabase } from '../../src/database/known-database.js';
import { DatabaseSchema } from '../../src/database/schema/database-schema.js';
import { FetchedRanges } from '../../src/sample-store/reading/at-once/fetched-ranges.js';
import { ReadAtOnceRepository } from '../../src/sample-store/reading/at-once/read-at-once.repository.js';
import { dataSourceOptions } from '../../src/server/database/data-source-options.js';
import { withoutCitus } from '../support/citus-database.js';
import { SeededRandom } from '../support/seeded-random.js';
import { storeUnderTest } from '../support/service-under-test.js';

/** `SETTLED_RUNS=50000 SETTLED_SEED=5` searches for rarer errors. */
const RUNS = Number(process.env.SETTLED_RUNS ?? 1_500);
const SEED = Number(process.env.SETTLED_SEED ?? 1);
const NAME = 'settled';
/** Number of transactions that create series at the same time. */
const CREATORS = 3;

const test = withoutCitus('a generic plan for distributed tables');

describe('a process that does not count settled series again', () => {
  const store = storeUnderTest('all');
  const schema = new DatabaseSchema('public');
  const known = new KnownDatabase(schema);
  const random = new SeededRandom(SEED);
  let dataSource: DataSource;

  beforeAll(async () => {
    dataSource = await new DataSource(dataSourceOptions(store.url, schema, CREATORS + 4)).initialize();
    await store.client.query(`INSERT INTO metric (name, type) VALUES ($1, 'gauge')`, [NAME]);
  });

  afterAll(() => dataSource.destroy());

  const creationOn = (source: DataSource | QueryRunner) =>
    new CreationRepository(
      source as DataSource,
      new CatalogRepository(source as DataSource, known, schema),
      known,
      schema,
    );

  async function storedIds(condition: string): Promise<number[]> {
    const { rows } = await store.client.query<{ id: number }>(`SELECT id FROM series WHERE ${condition} ORDER BY id`);
    return rows.map(({ id }) => id);
  }

  const isCurrent = 'deleted_at IS NULL AND forgotten_at IS NULL';

  test('notices at once which series others have created, removed and restored', async () => {
    const catalog = new CatalogRepository(dataSource, known, schema);
    const removal = new RemovalRepository(dataSource, known, schema);
    const atOnce = new ReadAtOnceRepository(dataSource, known, schema);
    const settled = new SettledExtents(known);
    const [row] = await catalog.findMetricsByName([NAME]);
    const metric = new Metric(row!.id, NAME, 'gauge', row!.created_at, null, null, null);
    const inMemory = new Map<number, Series>();
    const creators: QueryRunner[] = [];
    let created = 0;
    const counts = { settled: 0, confirmed: 0, asked: 0 };

    /** The catalog learns from Postgres which series exist, as from the change feed. */
    async function learn(): Promise<void> {
      const ids = new Set(await storedIds(isCurrent));
      for (const id of ids) {
        if (inMemory.has(id)) continue;
        const series = new Series(id, id, metric, `id="${id}"`, null, null, new Date(0));
        inMemory.set(id, series);
        metric.addSeries(series);
      }
      for (const [id, series] of inMemory) {
        if (ids.has(id)) continue;
        inMemory.delete(id);
        metric.removeSeries(series);
      }
    }

    const newSeries = () => {
      const value = String(created++);
      const labelsText = `l="${value}"`;
      const more = {
        metricId: metric.id,
        metricName: NAME,
        temporality: null,
        createdByTokenId: null,
        isScraped: false,
      };
      return { ...more, labels: [['l', value] as const], labelsText };
    };

    async function removeSome(): Promise<void> {
      await removal.deleteSeries(random.some(await storedIds(isCurrent), 3));
    }

    /** Does what {@link EmptySeriesRepository} does with idle series. */
    async function forgetSome(): Promise<void> {
      const ids = random.some(await storedIds(isCurrent), 3);
      if (ids.length === 0) return;
      await store.client.query('BEGIN');
      await store.client.query('UPDATE series SET forgotten_at = clock_timestamp() WHERE id = ANY($1)', [ids]);
      await store.client.query('UPDATE metric SET updated_at = clock_timestamp() WHERE id = $1', [metric.id]);
      await store.client.query('COMMIT');
    }

    async function reviveSome(): Promise<void> {
      await catalog.reviveSeries(random.some(await storedIds('forgotten_at IS NOT NULL AND deleted_at IS NULL'), 3));
    }

    async function beginToCreate(): Promise<void> {
      if (creators.length === CREATORS) return;
      const runner = dataSource.createQueryRunner();
      await runner.startTransaction();
      await creationOn(runner).ensureSeries(Array.from({ length: random.integer(1, 3) }, newSeries));
      creators.push(runner);
    }

    async function endOne(): Promise<void> {
      const runner = creators.splice(random.integer(0, creators.length - 1), 1)[0];
      if (runner === undefined) return;
      await (random.isTrue(0.8) ? runner.commitTransaction() : runner.rollbackTransaction());
      await runner.release();
    }

    async function ask(): Promise<void> {
      const extents = new KnownExtents([metric], settled, known);
      if (extents.wanted.some(({ aboveId }) => aboveId > 0)) counts.settled++;
      const rows = await atOnce.read([{ series: [], from: 0, to: 1 }], extents.wanted);
      const isConfirmed = extents.areStill(new FetchedRanges(rows!, () => Promise.resolve(undefined)).extents);
      counts.asked++;
      if (!isConfirmed) return;
      counts.confirmed++;
      expect([...inMemory.keys()].toSorted((a, b) => a - b)).toEqual(await storedIds(isCurrent));
    }

    const actions = [beginToCreate, endOne, endOne, removeSome, forgetSome, reviveSome, learn, learn, ask, ask, ask];
    for (let run = 0; run < RUNS; run++) {
      // Most of the time, a database is quiet.
      const action = random.isTrue(0.5) ? ask : random.pick(actions);
      await action();
    }
    while (creators.length > 0) await endOne();
    // Without this, the test would also pass if nothing was ever settled or confirmed.
    expect(counts.settled).toBeGreaterThan(counts.asked / 20);
    expect(counts.confirmed).toBeGreaterThan(counts.asked / 20);
  });
});
