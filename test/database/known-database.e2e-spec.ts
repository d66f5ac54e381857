import { DataSource } from 'typeorm';
import { KnownDatabase, type Landmark, UNKNOWN_DATABASE } from '../../src/database/known-database.js';
import { errorCodeOf } from '../../src/database/outage.js';
import type { RequestReceipt } from '../../src/sample-store/receipts/request-receipt.js';
import { SampleBatchRepository } from '../../src/sample-store/log/sample-batch.repository.js';
import { connectionOptions } from '../../src/database/connections/connection-options.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { DatabaseSchema } from '../../src/database/schema/database-schema.js';

/** The commits are made by a process that has read this database. */
describe('a commit', () => {
  let database: TestDatabase;
  let dataSource: DataSource;
  let known: KnownDatabase;
  let repository: SampleBatchRepository;
  let writer: Landmark;
  let series: Landmark;
  let token: Landmark;
  let sequence = 0;

  beforeAll(async () => {
    database = await createTestDatabase();
    dataSource = await new DataSource(connectionOptions(database.url, 2)).initialize();
    known = new KnownDatabase(new DatabaseSchema('public'));
    repository = new SampleBatchRepository(dataSource, known, new DatabaseSchema('public'));
    writer = await repository.createWriter(known);
    await dataSource.query(`INSERT INTO metric (id, name, type) VALUES (1, 'a_total', 'counter')`);
    const [row]: [{ at: Date }] = await dataSource.query(
      `INSERT INTO series (id, metric_id, identity, labels, temporality) VALUES (7, 1, 'x', '{}', 'delta') RETURNING created_at AS at`,
    );
    series = { id: 7, at: row.at.getTime() };
    const [made]: [{ id: number; at: Date }] = await dataSource.query(
      `INSERT INTO api_token (name, token_hash, scopes) VALUES ('a', '\\x00', '{ingest}') RETURNING id, created_at AS at`,
    );
    token = { id: made.id, at: made.at.getTime() };
  });

  afterAll(async () => {
    await dataSource.destroy();
    await database.drop();
  });

  beforeEach(async () => {
    const [{ place }]: [{ place: string }] = await dataSource.query('SELECT custom_metrics_place() AS place');
    known.moveTo(place);
    see({});
  });

  /** Makes the process believe that it has seen the given rows, and the current ones where none are given. */
  function see(others: { series?: Landmark; writer?: Landmark; token?: Landmark }): void {
    const landmarks = { metric: undefined, series, token, writer, ...others };
    known.watchBy(
      () => landmarks,
      () => Promise.resolve(),
    );
  }

  function append(receipts: readonly RequestReceipt[] = []): Promise<number> {
    const row = { seriesIds: Int32Array.of(7), timestamps: null, values: Float64Array.of(1) };
    return repository.append({ writerId: writer.id, sequence: ++sequence, ...row, receipts });
  }

  async function codeOf(commit: Promise<unknown>): Promise<string | undefined> {
    return commit.then(() => undefined, errorCodeOf);
  }

  const receipt = (): RequestReceipt => ({
    tokenId: token.id,
    key: `key ${sequence}`,
    bodyHash: Buffer.of(1),
    answer: null,
  });

  test('succeeds on the database that was read, and returns the time of arrival', async () => {
    for (const receipts of [[], [receipt()]]) {
      const arrival = await append(receipts);
      const [row]: [{ received_at: Date }] = await dataSource.query(
        'SELECT received_at FROM sample_batch WHERE writer_id = $1 AND sequence = $2',
        [writer.id, sequence],
      );
      expect(row.received_at.getTime()).toBe(arrival);
    }
  });

  test.each<[string, () => void]>([
    ['another server or table', () => known.moveTo('1795905139.607123/16475')],
    ['a newest series that is not there', () => see({ series: { ...series, id: 8 } })],
    ['a newest series that was made at another time', () => see({ series: { ...series, at: series.at - 2 } })],
    ['a writer that was registered at another time', () => see({ writer: { ...writer, at: writer.at + 2 } })],
  ])('is refused where there is %s', async (_what, meet) => {
    meet();
    for (const receipts of [[], [receipt()]]) {
      expect(await codeOf(append(receipts))).toBe(UNKNOWN_DATABASE);
      expect(await dataSource.query('SELECT 1 FROM sample_batch WHERE sequence = $1', [sequence])).toEqual([]);
    }
  });

  test('depends on the newest token only if it has receipts, which carry the ids of tokens', async () => {
    see({ token: { ...token, at: token.at - 2 } });
    expect(await codeOf(append())).toBeUndefined();
    expect(await codeOf(append([receipt()]))).toBe(UNKNOWN_DATABASE);
  });
});
