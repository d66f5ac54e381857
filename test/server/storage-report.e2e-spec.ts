import { MIGRATIONS_TABLE } from '../../src/database/schema/schema-migrations.js';
import { eventually } from '../support/eventually.js';
import { ADMIN_TOKEN, getJson, INGEST_TOKEN, push, type TestServer } from '../support/server.js';
import { storeUnderTest } from '../support/service-under-test.js';

interface Report {
  readonly at: string;
  readonly databaseBytes: number;
  readonly tables: readonly { readonly name: string; readonly bytes: number }[];
  readonly sampleCount: number | null;
  readonly logSampleCount: number | null;
  readonly oldestSampleAt: string | null;
  readonly bytesPerSample: number | null;
  readonly compactionLagSeconds: number;
  readonly peerLagSeconds: number;
  readonly processes: readonly {
    readonly id: number;
    readonly isThis: boolean;
    readonly heartbeatAgeSeconds: number;
  }[];
}

const COMPACTING = { COMPACTION_HORIZON_SECONDS: '1', COMPACTION_INTERVAL_SECONDS: '1' };

/** Longer than the time for which a report is kept. */
const NEXT_REPORT = { limitMs: 30_000, intervalMs: 500 };

const report = (server: TestServer) => getJson<Report>(server, '/api/admin/storage');

describe('GET /api/admin/storage', () => {
  describe('while samples are in the log', () => {
    const store = storeUnderTest('all');
    let server: TestServer;
    /** No test but one asks this process, so it has no report that it could give again. */
    let other: TestServer;

    beforeAll(async () => {
      server = await store.start();
      other = await store.start({ STORE_WAIT_MS: '2000' });
    });

    it('counts them, and lists tables and processes', async () => {
      const oldest = new Date(Date.now() - 3 * 86_400_000).toISOString();
      await push(server, [
        { name: 'old', value: 1, timestamp: oldest },
        ...Array.from({ length: 5_000 }, (_, index) => ({ name: 'many', value: index })),
      ]);
      // A Postgres with lz4 compresses large arrays.
      await store.client.query('ALTER TABLE sample_batch ALTER COLUMN "values" SET STORAGE EXTENDED');
      await push(
        server,
        Array.from({ length: 5_000 }, () => ({ name: 'equal', value: 1 })),
      );
      await push(server, [{ name: 'single', value: 1 }]);
      const found = await report(server);
      expect(found).toMatchObject({
        sampleCount: 10_002,
        logSampleCount: 10_002,
        oldestSampleAt: oldest,
        bytesPerSample: null,
      });
      expect(found.compactionLagSeconds).toBeLessThan(60);
      expect(found.peerLagSeconds).toBeLessThan(5);
      const { rows } = await store.client.query<{ relname: string }>(
        `SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition
         AND relnamespace = 'public'::regnamespace AND relname <> $1`,
        [MIGRATIONS_TABLE],
      );
      expect(found.tables.map(({ name }) => name).toSorted()).toEqual(rows.map(({ relname }) => relname).toSorted());
      expect(found.tables.map(({ bytes }) => bytes)).toEqual(
        found.tables.map(({ bytes }) => bytes).toSorted((a, b) => b - a),
      );
      expect(found.databaseBytes).toBeGreaterThan(found.tables.reduce((sum, { bytes }) => sum + bytes, 0));
      expect(found.processes).toHaveLength(2);
      expect(found.processes.filter(({ isThis }) => isThis)).toHaveLength(1);
    });

    it('gives the same report again for some seconds', async () => {
      const first = await report(server);
      await push(server, [{ name: 'single', value: 2 }]);
      expect(await report(server)).toEqual(first);
      await eventually(
        async () => expect((await report(server)).sampleCount).toBe(first.sampleCount! + 1),
        NEXT_REPORT,
      );
    });

    it('answers 503 in time while a table is locked, and without numbers of samples if counting takes too long', async () => {
      await store.client.query('BEGIN');
      await store.client.query('LOCK TABLE series IN ACCESS EXCLUSIVE MODE');
      const startedAt = performance.now();
      const headers = { Authorization: ADMIN_TOKEN };
      const response = await fetch(`${other.url}/api/admin/storage`, { headers });
      const waitedMs = performance.now() - startedAt;
      await store.client.query('ROLLBACK');
      expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1']);
      expect(waitedMs).toBeLessThan(8_000);
      await store.client.query(
        `ALTER TABLE sample_chunk RENAME TO kept_chunk;
         CREATE VIEW sample_chunk AS SELECT kept_chunk.* FROM pg_sleep(10) AS slept LEFT JOIN kept_chunk ON true`,
      );
      const found = await report(other);
      await store.client.query('DROP VIEW sample_chunk; ALTER TABLE kept_chunk RENAME TO sample_chunk');
      expect([found.sampleCount, found.bytesPerSample, found.processes.length]).toEqual([null, null, 2]);
    });

    it('refuses parameters, and needs the scope admin', async () => {
      const statusOf = async (path: string, token: string) =>
        (await fetch(server.url + path, { headers: { Authorization: token } })).status;
      expect(await statusOf('/api/admin/storage?limit=5', ADMIN_TOKEN)).toBe(400);
      expect(await statusOf('/api/admin/storage', INGEST_TOKEN)).toBe(403);
    });
  });

  describe('after compaction', () => {
    const store = storeUnderTest('all');

    it('tells the disk space of a sample', async () => {
      const server = await store.start(COMPACTING);
      await push(
        server,
        Array.from({ length: 5_000 }, (_, index) => ({ name: 'many', value: index, timestamp: Date.now() - index })),
      );
      // The first report is asked for after the compaction, because it is given again for some seconds.
      await eventually(async () => {
        const { rows } = await store.client.query('SELECT FROM sample_batch');
        expect(rows).toEqual([]);
      });
      const found = await eventually(async () => {
        const now = await report(server);
        expect([now.sampleCount, now.logSampleCount]).toEqual([5_000, 0]);
        return now;
      }, NEXT_REPORT);
      expect(found.bytesPerSample).toBeGreaterThan(1);
      expect(found.bytesPerSample).toBeLessThan(1_000);
      expect(found.compactionLagSeconds).toBe(0);
    });
  });
});
