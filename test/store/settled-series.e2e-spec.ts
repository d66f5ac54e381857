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
import { eventually } from '../support/eventually.js';
import { SeededRandom } from '../support/seeded-random.js';
import { storeUnderTest } from '../support/service-under-test.js';

/** `SETTLED_RUNS=50000 SETTLED_SEED=5` searches for rarer errors. */
const RUNS = Number(process.env.SETTLED_RUNS ?? 1_500);
const SEED = Number(process.env.SETTLED_SEED ?? 1);
/** Number of transactions that create series at the same time. */
const CREATORS = 3;

const test = withoutCitus('a generic plan for distributed tables');

const isCurrent = 'deleted_at IS NULL AND forgotten_at IS NULL';

describe('a process that does not count settled series again', () => {
  const store = storeUnderTest('all');
  const schema = new DatabaseSchema('public');
  const known = new KnownDatabase(schema);
  const random = new SeededRandom(SEED);
  let dataSource: DataSource;
  let catalog: CatalogRepository;
  let removal: RemovalRepository;
  let atOnce: ReadAtOnceRepository;
  let created = 0;

  beforeAll(async () => {
    dataSource = await new DataSource(dataSourceOptions(store.url, schema, CREATORS + 4)).initialize();
    catalog = new CatalogRepository(dataSource, known, schema);
    removal = new RemovalRepository(dataSource, known, schema);
    atOnce = new ReadAtOnceRepository(dataSource, known, schema);
  });

  afterAll(() => dataSource.destroy());

  /** Creates a metric, and what a process knows of it. */
  async function processThatKnows(name: string) {
    await store.client.query(`INSERT INTO metric (name, type) VALUES ($1, 'gauge')`, [name]);
    const [row] = await catalog.findMetricsByName([name]);
    const metric = new Metric(row!.id, name, 'gauge', row!.created_at, null, null, null);
    const settled = new SettledExtents(known);
    const inMemory = new Map<number, Series>();

    async function storedIds(condition: string): Promise<number[]> {
      const { rows } = await store.client.query<{ id: number }>(
        `SELECT id FROM series WHERE metric_id = $1 AND ${condition} ORDER BY id`,
        [metric.id],
      );
      return rows.map(({ id }) => id);
    }

    /** The catalog learns from Postgres which series exist, as it does from the change feed. */
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

    /** Creates some series in a transaction. */
    async function createIn(runner: QueryRunner, count: number): Promise<void> {
      const source = runner as unknown as DataSource;
      const creation = new CreationRepository(source, new CatalogRepository(source, known, schema), known, schema);
      await creation.ensureSeries(
        Array.from({ length: count }, () => {
          const value = String(created++);
          return {
            metricId: metric.id,
            metricName: name,
            labels: [['l', value] as const],
            labelsText: `l="${value}"`,
            temporality: null,
            createdByTokenId: null,
            isScraped: false,
          };
        }),
      );
    }

    /**
     * Asks Postgres whether the process knows all series, as a small query does.
     *
     * @returns whether settled series were left out, and whether the process may answer from what it knows
     */
    async function ask(): Promise<{ isSettled: boolean; isConfirmed: boolean }> {
      const extents = new KnownExtents([metric], settled, known);
      const isSettled = extents.wanted.some(({ aboveId }) => aboveId > 0);
      const rows = await atOnce.read([{ series: [], from: 0, to: 1 }], extents.wanted, false);
      const isConfirmed = extents.areStill(new FetchedRanges(rows!, false, () => Promise.resolve(undefined)).extents);
      if (isConfirmed) expect([...inMemory.keys()].toSorted((a, b) => a - b)).toEqual(await storedIds(isCurrent));
      return { isSettled, isConfirmed };
    }

    return { metric, storedIds, learn, createIn, ask };
  }

  /** Does what {@link EmptySeriesRepository} does with idle series. */
  async function forget(metricId: number, ids: readonly number[]): Promise<void> {
    if (ids.length === 0) return;
    await store.client.query('BEGIN');
    await store.client.query('UPDATE series SET forgotten_at = clock_timestamp() WHERE id = ANY($1)', [ids]);
    await store.client.query('UPDATE metric SET updated_at = clock_timestamp() WHERE id = $1', [metricId]);
    await store.client.query('COMMIT');
  }

  async function beginTransaction(): Promise<QueryRunner> {
    const runner = dataSource.createQueryRunner();
    await runner.startTransaction();
    return runner;
  }

  test('notices at once which series others have created, removed and restored', async () => {
    const { metric, storedIds, learn, createIn, ask } = await processThatKnows('settled');
    const creators: QueryRunner[] = [];
    const counts = { settled: 0, confirmed: 0, asked: 0 };

    async function removeSome(): Promise<void> {
      await removal.deleteSeries(random.some(await storedIds(isCurrent), 3));
    }

    async function forgetSome(): Promise<void> {
      await forget(metric.id, random.some(await storedIds(isCurrent), 3));
    }

    async function reviveSome(): Promise<void> {
      await catalog.reviveSeries(random.some(await storedIds('forgotten_at IS NOT NULL AND deleted_at IS NULL'), 3));
    }

    async function beginToCreate(): Promise<void> {
      if (creators.length === CREATORS) return;
      creators.push(await beginTransaction());
      await createIn(creators.at(-1)!, random.integer(1, 3));
    }

    /** Statements that create many series at the same time get their ids alternately. */
    async function createMore(): Promise<void> {
      if (creators.length > 0) await createIn(random.pick(creators), random.integer(1, 3));
    }

    async function endOne(): Promise<void> {
      const runner = creators.splice(random.integer(0, creators.length - 1), 1)[0];
      if (runner === undefined) return;
      await (random.isTrue(0.8) ? runner.commitTransaction() : runner.rollbackTransaction());
      await runner.release();
    }

    async function askOnce(): Promise<void> {
      const { isSettled, isConfirmed } = await ask();
      counts.asked++;
      counts.settled += Number(isSettled);
      counts.confirmed += Number(isConfirmed);
    }

    const changes = [beginToCreate, createMore, endOne, endOne, removeSome, forgetSome, reviveSome, learn, learn];
    const actions = [...changes, askOnce, askOnce, askOnce];
    for (let run = 0; run < RUNS; run++) {
      // Most of the time, a database is quiet.
      const action = random.isTrue(0.5) ? askOnce : random.pick(actions);
      await action();
    }
    while (creators.length > 0) await endOne();
    // Without this, the test would also pass if nothing was ever settled or confirmed.
    expect(counts.settled).toBeGreaterThan(counts.asked / 20);
    expect(counts.confirmed).toBeGreaterThan(counts.asked / 20);
  });

  test('waits for the end of the newest transaction, although none after it has ended', async () => {
    const { learn, createIn, ask } = await processThatKnows('alternating');
    const first = await beginTransaction();
    const newest = await beginTransaction();
    await createIn(first, 1);
    await createIn(newest, 1);
    await createIn(first, 1);
    await first.commitTransaction();
    await first.release();
    await learn();
    const whileRunning = [await ask(), await ask(), await ask()];
    await newest.commitTransaction();
    await newest.release();
    for (const each of whileRunning) expect(each).toEqual({ isSettled: false, isConfirmed: true });
    expect(await ask()).toEqual({ isSettled: false, isConfirmed: false });
    await learn();
    await eventually(async () => expect(await ask()).toEqual({ isSettled: true, isConfirmed: true }));
  });

  test('counts all series again after an older process has restored some without a trace', async () => {
    const { metric, storedIds, learn, createIn, ask } = await processThatKnows('restored');
    const creator = await beginTransaction();
    await createIn(creator, 3);
    await creator.commitTransaction();
    await creator.release();
    const [forgotten] = await storedIds(isCurrent);
    await forget(metric.id, [forgotten!]);
    await learn();
    await eventually(async () => expect(await ask()).toEqual({ isSettled: true, isConfirmed: true }));
    await store.client.query('UPDATE series SET forgotten_at = NULL WHERE id = $1', [forgotten]);
    await learn();
    expect(await ask()).toEqual({ isSettled: true, isConfirmed: false });
    expect(await ask()).toEqual({ isSettled: false, isConfirmed: true });
    await eventually(async () => expect(await ask()).toEqual({ isSettled: true, isConfirmed: true }));
  });
});
