import type { MemberSamples } from '../../src/sample-store/archive/block/block-bytes.js';
import { BlockEncoder } from '../../src/sample-store/archive/block/block-encoder.js';
import { eventually } from '../support/eventually.js';
import { remove } from '../support/removal.js';
import { push, type TestServer } from '../support/server.js';
import { storeUnderTest } from '../support/service-under-test.js';
import { insertBlock } from '../support/stored-blocks.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

describe('blocks of removed series and past retention', () => {
  const store = storeUnderTest('all');
  const start = () => store.start({ COMPACTION_INTERVAL_SECONDS: '1', RETENTION_DAYS: '2' });
  let server: TestServer;

  beforeAll(async () => {
    server = await start();
  });

  async function query<Row extends object>(sql: string, values: unknown[] = []): Promise<Row[]> {
    return (await store.client.query<Row>(sql, values)).rows;
  }

  test('lose the samples of a removed series, and keep those of the others', async () => {
    const labels = ['1', '2', '3'];
    await push(server, [
      ...labels.map((l) => ({ name: 'kept_total', value: 1, labels: { l } })),
      { name: 'gone_total', value: 1 },
    ]);
    const series = await query<{ id: number; name: string; l: string | null }>(
      `SELECT series.id, metric.name, labels->>'l' AS l FROM series JOIN metric ON metric.id = metric_id ORDER BY series.id`,
    );
    expect(series.length).toBe(4);
    const at = Date.now() - HOUR;
    const members = series.map(({ id }): MemberSamples => {
      const times = Float64Array.from({ length: 5 + id }, (_, index) => at + index * 1_000);
      return { member: id & 63, times, values: times.map((_, index) => id + index), isDelta: true };
    });
    await insertBlock(store.client, 'sample_block_fresh', series[0]!.id >> 6, new BlockEncoder().encode(members));
    const gone = series.find(({ name }) => name === 'gone_total')!;
    const ofGone = new BlockEncoder().encode(members.filter(({ member }) => member === (gone.id & 63)));
    for (const table of ['sample_block_waiting', 'sample_block_merged'] as const) {
      await insertBlock(store.client, table, gone.id >> 6, ofGone);
    }
    const two = series.find(({ l }) => l === '2')!;
    const before = await query(
      `SELECT labels, at, value FROM metric_sample WHERE metric = 'kept_total' AND labels->>'l' <> '2' ORDER BY 1, 2, 3`,
    );
    const one = { seriesCount: 1, sampleCount: 1 + 5 + two.id, chunkCount: 1 };
    expect((await remove(server, 'kept_total/series?label=l=2&dryRun=true')).body).toMatchObject(one);
    expect((await remove(server, 'kept_total/series?label=l=2')).body).toMatchObject(one);
    const both = { seriesCount: 1, sampleCount: 1 + 3 * (5 + gone.id), chunkCount: 3 };
    expect((await remove(server, 'gone_total')).body).toMatchObject(both);
    // The search for removed series runs once a minute, and soon after a start.
    await server.stop();
    server = await start();
    await eventually(async () => {
      const rows = await query<{ members: string; sample_count: number }>(
        'SELECT members, sample_count FROM sample_block',
      );
      const kept = series.filter(({ name, l }) => name === 'kept_total' && l !== '2');
      expect(rows).toEqual([
        {
          members: String(kept.reduce((sum, { id }) => sum + (1n << BigInt(id & 63)), 0n)),
          sample_count: kept.reduce((sum, { id }) => sum + 5 + id, 0),
        },
      ]);
    });
    expect(
      await query(
        `SELECT labels, at, value FROM metric_sample WHERE metric = 'kept_total' AND labels->>'l' <> '2' ORDER BY 1, 2, 3`,
      ),
    ).toEqual(before);
  });

  test('are dropped with their partition', async () => {
    const day = Math.floor(Date.now() / DAY) * DAY - 5 * DAY;
    const nameOf = (time: number) => new Date(time).toISOString().slice(0, 19).replaceAll(/[-:]/g, '').toLowerCase();
    const partition = `sample_block_merged_${nameOf(day)}_${nameOf(day + DAY)}`;
    await store.client.query(
      `DROP TABLE IF EXISTS sample_block_fresh_all, sample_block_waiting_all, sample_block_merged_all; CREATE TABLE ${partition} PARTITION OF sample_block_merged
       FOR VALUES FROM ('${new Date(day).toISOString()}') TO ('${new Date(day + DAY).toISOString()}')`,
    );
    await eventually(async () =>
      expect(await query('SELECT FROM pg_class WHERE relname = $1', [partition])).toEqual([]),
    );
  });
});
