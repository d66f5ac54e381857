import { eventually } from '../support/eventually.js';
import { getJson, push, type TestServer } from '../support/server.js';
import { storeUnderTest } from '../support/service-under-test.js';
import { slowSeries } from '../support/slow-series.js';

const COMPACTING = { COMPACTION_HORIZON_SECONDS: '1', COMPACTION_INTERVAL_SECONDS: '1', CHUNK_PERIOD: '10s' };

/** During a rolling upgrade, processes of a version that reads only chunks run beside those that could write blocks. */
describe('the hand-over from chunks to blocks', () => {
  const store = storeUnderTest('all');
  let server: TestServer;

  const count = async (table: string) =>
    Number((await store.client.query<{ n: string }>(`SELECT count(*) AS n FROM ${table}`)).rows[0]!.n);

  async function pushAndCompact(value: number): Promise<void> {
    expect((await push(server, [{ name: 'handed_total', value }])).status).toBe(202);
    await eventually(async () => expect(await count('sample_batch')).toBe(0));
  }

  const samples = async () =>
    (
      await getJson<{ samples: { value: number }[] }>(server, '/api/history/samples?metric=handed_total&limit=100')
    ).samples.map(({ value }) => value);

  test('writes chunks while an older process is alive, and blocks once there is none', async () => {
    await store.client.query('INSERT INTO sample_writer (id, alive_at) VALUES (1000, now())');
    server = await store.start(COMPACTING);
    await pushAndCompact(1);
    expect([await count('sample_chunk'), await count('sample_block')]).toEqual([1, 0]);

    await store.client.query(`UPDATE sample_writer SET alive_at = now() - interval '10 minutes' WHERE id = 1000`);
    await eventually(async () => expect(await count('sample_archive WHERE stores_blocks_since IS NOT NULL')).toBe(1));
    await pushAndCompact(2);
    // The chunk may have been repacked as a block already.
    expect(await count('sample_block')).toBeGreaterThan(0);
    expect((await samples()).toSorted((a, b) => a - b)).toEqual([1, 2]);
  });

  test('then refuses an older process, so that it cannot answer without the samples of blocks', async () => {
    const { client } = store;
    await expect(client.query('INSERT INTO sample_writer DEFAULT VALUES')).rejects.toThrow('Start a newer version.');
    await expect(client.query('UPDATE sample_writer SET alive_at = now() WHERE id = 1000')).rejects.toThrow(
      'Start a newer version.',
    );
    // Every query of a process has its landmarks, of which the last two are its own row.
    const isKnown = async (id: number) => {
      const { rows } = await client.query<{ is_known: boolean }>(
        `SELECT custom_metrics_has_landmarks(ARRAY[NULL, NULL, NULL, NULL, NULL, NULL, id, date_part('epoch', started_at) * 1000]) AS is_known
         FROM sample_writer WHERE id = $1`,
        [id],
      );
      return rows[0]!.is_known;
    };
    expect(await isKnown(1000)).toBe(false);
    const { rows } = await client.query<{ id: number }>('SELECT id FROM sample_writer WHERE reads_blocks');
    expect(await isKnown(rows[0]!.id)).toBe(true);
  });
});

/** An older process may be frozen, so a trigger makes its statements fail. */
describe('the beginning of turns', () => {
  const slow = slowSeries();

  test('happens even if triggers on merged blocks are refused, as they are on Citus', async () => {
    await slow.query(`UPDATE sample_merge SET begun_at = NULL`);
    await slow.query(
      `INSERT INTO sample_writer (id, alive_at, reads_blocks) VALUES (1000, now() - interval '6 minutes', true)`,
    );
    await slow.query(`
      CREATE FUNCTION refuse() RETURNS event_trigger LANGUAGE plpgsql
      AS $$ BEGIN RAISE 'triggers are not supported on distributed tables' USING ERRCODE = 'XX000'; END $$`);
    await slow.query(
      `CREATE EVENT TRIGGER refuse ON ddl_command_start WHEN TAG IN ('CREATE TRIGGER') EXECUTE FUNCTION refuse()`,
    );
    await slow.work.beginBlocks();
    await slow.pushHourly();
    await slow.work.mergeAll('sample_block_fresh');
    await slow.work.mergeAll('sample_block_waiting');
    expect(await slow.count('sample_block')).toBe(await slow.count('sample_block WHERE is_merged'));
    await slow.expectAll();
  });
});
