import { ExtentsRepository } from '../../src/catalog/extents.repository.js';
import { KnownDatabase } from '../../src/database/known-database.js';
import { BucketMembers } from '../../src/sample-store/archive/stored-blocks/bucket-members.js';
import { FetchedRanges } from '../../src/sample-store/reading/at-once/fetched-ranges.js';
import { ReadAtOnceRepository } from '../../src/sample-store/reading/at-once/read-at-once.repository.js';
import { HistoryPlaceRepository } from '../../src/sample-store/reading/history-place.repository.js';
import { HistorySnapshots } from '../../src/sample-store/reading/history-snapshot.repository.js';
import { SampleReader } from '../../src/sample-store/reading/sample-reader.js';
import { withoutCitus } from '../support/citus-database.js';
import { comparable, DAY, DAYS, RUNS, START, twinSeries } from '../support/twin-series.js';

/** On Citus, the function that reads everything at once is refused, and a snapshot is read instead. */
const testOnPostgres = withoutCitus('a generic plan for distributed tables');

describe('a series in blocks', () => {
  const twins = twinSeries();
  const { store, schema, random, inChunks, inBlocks } = twins;

  function historyOn(known: KnownDatabase): HistorySnapshots {
    const { dataSource } = twins;
    return new HistorySnapshots(dataSource, dataSource, known, new HistoryPlaceRepository(dataSource, schema), schema);
  }

  const readerAtOnce = () => new SampleReader(historyOn(twins.known));

  testOnPostgres('is read by one statement as in a transaction', async () => {
    const atOnce = readerAtOnce();
    let answered = 0;
    for (let run = 0; run < RUNS; run++) {
      const queries = [inChunks, inBlocks, [...inChunks, ...inBlocks]].slice(random.integer(0, 2)).map((series) => {
        const from = START + random.integer(-DAY, DAYS * DAY);
        const to = from + random.pick([1, 60_000, 3_600_000, DAY, 10 * DAY]);
        const chosen = random.isTrue(0.5) ? [random.pick(series)] : series;
        const firstValueAt = random.isTrue(0.5) ? from + random.integer(0, 600_000) : undefined;
        return { series: chosen, from, to, needsBefore: random.isTrue(0.7), firstValueAt };
      });
      const found = await atOnce.readAtOnce(queries, 1_000_000);
      if (found === undefined) continue;
      answered++;
      const expected = [];
      for (const query of queries) expected.push(await twins.reader.read({ ...query, maxSamples: 1_000_000 }));
      expect(found.map((samples) => samples.map(comparable))).toEqual(
        expected.map((samples) => samples.map(comparable)),
      );
    }
    expect(answered).toBeGreaterThan(RUNS / 3);
  });

  testOnPostgres(
    'is not read by one statement if that would need too many rows, or the database is another one',
    async () => {
      const range = { series: inChunks, from: START, to: START + DAYS * DAY, needsBefore: true };
      await expect(readerAtOnce().readAtOnce([range], 1_000_000)).resolves.toBeUndefined();
      const known = new KnownDatabase(schema);
      known.changeTo('another place');
      const small = { series: [inBlocks[0]!], from: START, to: START + 1 };
      await expect(new SampleReader(historyOn(known)).readAtOnce([small], 1_000_000)).resolves.toBeUndefined();
      await expect(readerAtOnce().readAtOnce([small], 1_000_000)).resolves.toHaveLength(1);
    },
  );

  testOnPostgres(
    'is not read by one statement if Postgres refuses that, as it does if merged blocks are distributed',
    async () => {
      const small = { series: [inBlocks[0]!], from: START, to: START + 1 };
      const atOnce = readerAtOnce();
      const { rows } = await store.client.query<{ definition: string }>(
        `SELECT pg_get_functiondef('custom_metrics_read_at_once'::regproc) AS definition`,
      );
      const { definition } = rows[0]!;
      const [head] = definition.split('AS $function$');
      await store.client.query(
        `${head} AS $$ BEGIN RAISE EXCEPTION 'could not create distributed plan' USING ERRCODE = '0A000'; END $$`,
      );
      try {
        await expect(atOnce.readAtOnce([small], 1_000_000)).resolves.toBeUndefined();
      } finally {
        await store.client.query(definition);
      }
      // A query does not ask again for a while, because that would cost it a round trip.
      await expect(atOnce.readAtOnce([small], 1_000_000)).resolves.toBeUndefined();
      await expect(readerAtOnce().readAtOnce([small], 1_000_000)).resolves.toHaveLength(1);
    },
  );

  testOnPostgres(
    'is not read by one statement if the log has too many samples, however small they are, or for too many ranges',
    async () => {
      const atOnce = readerAtOnce();
      const id = inBlocks[0]!.id;
      const at = START + (DAYS + 9) * DAY;
      const range = { series: [inBlocks[0]!], from: at, to: at + 2 };
      const samplesOf = (count: number) =>
        store.client.query(
          `INSERT INTO sample_batch (writer_id, sequence, earliest_at, latest_at, series_ids, timestamps, "values")
         VALUES (2, $1::int, to_timestamp($2::float8 / 1000), to_timestamp($2::float8 / 1000),
           array_fill($3::int, ARRAY[$1::int]), array_fill($2::bigint, ARRAY[$1::int]), array_fill(0::float8, ARRAY[$1::int]))`,
          [count, at, id],
        );
      try {
        await samplesOf(199_999);
        await expect(atOnce.readAtOnce([range], 1_000_000)).resolves.toHaveLength(1);
        await samplesOf(2);
        await expect(atOnce.readAtOnce([range], 1_000_000)).resolves.toBeUndefined();
      } finally {
        await store.client.query('DELETE FROM sample_batch WHERE writer_id = 2');
      }
      const rangesOf = (length: number) => Array.from({ length }, () => range);
      await expect(atOnce.readAtOnce(rangesOf(8), 1_000_000)).resolves.toHaveLength(8);
      await expect(atOnce.readAtOnce(rangesOf(9), 1_000_000)).resolves.toBeUndefined();
    },
  );

  test('is counted together with what is read as it is counted alone', async () => {
    const { dataSource } = twins;
    const known = new KnownDatabase(schema);
    const atOnce = new ReadAtOnceRepository(dataSource, known, schema);
    const alone = new ExtentsRepository(dataSource, known, schema);
    const metricId = inBlocks[0]!.metric.id;
    const ofMetric = [...inChunks, ...inBlocks].filter(({ metric }) => metric.id === metricId);
    const ids = ofMetric.map(({ id }) => id).toSorted((a, b) => a - b);
    for (const aboveId of [0, ids[0]!, ids.at(-2)!, ids.at(-1)!]) {
      const before = await alone.findMetricExtent(metricId, aboveId);
      const rows = await atOnce.read([], [{ metricId, aboveId }], false);
      const after = await alone.findMetricExtent(metricId, aboveId);
      const found = new FetchedRanges(rows!, false, () => Promise.resolve(undefined)).extents.get(metricId)!;
      const { oldestRunning, nextTransaction, ...counted } = found;
      expect(after).toMatchObject(counted);
      expect(counted.count).toBe(ids.filter((id) => id > aboveId).length);
      // Other connections to the same server begin transactions meanwhile.
      for (const [name, value] of Object.entries({ oldestRunning, nextTransaction })) {
        expect(value).toBeGreaterThanOrEqual(before[name as 'oldestRunning']);
        expect(value).toBeLessThanOrEqual(after[name as 'oldestRunning']);
      }
    }
    expect(await atOnce.read([], [], false)).toEqual([]);
    const [row] = (await atOnce.read([], [{ metricId: 999_999_999, aboveId: 0 }], false))!;
    expect(new FetchedRanges([row!], false, () => Promise.resolve(undefined)).extents.size).toBe(0);
  });

  test('is not read from a block that has been replaced since it was found', async () => {
    const repository = new ReadAtOnceRepository(twins.dataSource, new KnownDatabase(schema), schema);
    const wanted = await twins.snapshots.withSnapshot(async ({ blocks }) => {
      for await (const [block] of blocks.overlapping(new BucketMembers([inBlocks[0]!.id]), START, START + DAY, {
        edges: undefined,
      })) {
        return [{ block: block!, from: 1, to: 3 }];
      }
      return [];
    });
    const [{ block }] = wanted as [(typeof wanted)[number]];
    await expect(repository.bytes(wanted)).resolves.toEqual([
      { from: 1, bytes: block.packed![0].bytes.subarray(1, 3) },
    ]);
    const changed = { ...block, directory: Buffer.concat([block.directory, Buffer.of(0)]) };
    await expect(repository.bytes([{ ...wanted[0]!, block: changed }])).resolves.toBeUndefined();
    await expect(
      repository.bytes([{ ...wanted[0]!, block: { ...block, id: block.id + 1_000_000 } }]),
    ).resolves.toBeUndefined();
  });
});
