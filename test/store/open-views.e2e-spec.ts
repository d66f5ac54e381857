import pg from 'pg';
import { EMPTIED_SETS } from '../../src/sample-store/archive/chunk/chunk-partitions.js';
import { eventually } from '../support/eventually.js';
import { slowSeries } from '../support/slow-series.js';

const COUNT = 'SELECT count(*)::int AS count FROM metric_sample';

/** A view that began before samples were moved reads them where they were, and must find them there. */
describe('a view of the database that is open while samples are moved', () => {
  const slow = slowSeries();
  const { count, pushHourly } = slow;

  /** Runs a task with a connection of its own, which has to end before the database is dropped. */
  async function withClient(task: (reading: pg.Client) => Promise<void>): Promise<void> {
    const reading = new pg.Client({ connectionString: slow.url });
    await reading.connect();
    try {
      await task(reading);
    } finally {
      await reading.end();
    }
  }

  const samplesIn = async (client: pg.Client) => (await client.query<{ count: number }>(COUNT)).rows[0]!.count;

  test('keeps all samples, even if it reads them only after the move', async () => {
    await pushHourly();
    await withClient(async (reading) => {
      const pushed = await samplesIn(reading);
      // The view begins with a statement that reads and locks no table of samples.
      await reading.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
      await reading.query('SELECT count(*) FROM metric');
      await slow.work.mergeAll('sample_block_fresh');
      expect(await count('sample_block_fresh')).toBe(0);
      expect(await samplesIn(reading)).toBe(pushed);
      await reading.query('ROLLBACK');
      expect(await samplesIn(reading)).toBe(pushed);
    });
    await slow.work.mergeAll('sample_block_fresh');
    expect(await slow.work.partitionsOf('sample_block_fresh')).toEqual([]);
  });

  test('of the service prevents that the tables are dropped from its beginning, also on a standby', async () => {
    await pushHourly();
    await withClient((reading) =>
      slow.work.snapshots.withSnapshot(async () => {
        const { rows } = await reading.query<{ name: string }>(
          `SELECT DISTINCT relation::regclass::text AS name FROM pg_locks
         WHERE locktype = 'relation' AND mode = 'AccessShareLock' AND pid <> pg_backend_pid()
           AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
        );
        expect(rows.map(({ name }) => name)).toEqual(expect.arrayContaining(EMPTIED_SETS));
      }),
    );
    await eventually(async () => {
      await slow.work.mergeAll('sample_block_fresh');
      expect(await slow.work.partitionsOf('sample_block_fresh')).toEqual([]);
    });
  });
});
