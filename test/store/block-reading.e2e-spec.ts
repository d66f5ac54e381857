import { DataSource } from 'typeorm';
import { Metric, Series } from '../../src/catalog/series/series.js';
import { KnownDatabase } from '../../src/database/known-database.js';
import { DatabaseSchema } from '../../src/database/schema/database-schema.js';
import { CompensatedSum } from '../../src/live-values/compensated-sum.js';
import type { MemberSamples } from '../../src/sample-store/archive/block/block-bytes.js';
import { BlockEncoder } from '../../src/sample-store/archive/block/block-encoder.js';
import { BLOCK_SETS } from '../../src/sample-store/archive/chunk/chunk-partitions.js';
import type { SeriesSamples } from '../../src/sample-store/log/sample-column.js';
import { ReadAtOnceRepository } from '../../src/sample-store/reading/at-once/read-at-once.repository.js';
import { BucketMembers } from '../../src/sample-store/archive/stored-blocks/bucket-members.js';
import { HistoryPlaceRepository } from '../../src/sample-store/reading/history-place.repository.js';
import { HistorySnapshots } from '../../src/sample-store/reading/history-snapshot.repository.js';
import { SampleReader } from '../../src/sample-store/reading/sample-reader.js';
import { StoreSnapshotRepository } from '../../src/sample-store/reading/store-snapshot.repository.js';
import { dataSourceOptions } from '../../src/server/database/data-source-options.js';
import { SeededRandom } from '../support/seeded-random.js';
import { storeUnderTest } from '../support/service-under-test.js';
import { insertBlock } from '../support/stored-blocks.js';

/** Number of queries. `BLOCK_READING_RUNS=5000 BLOCK_READING_SEED=5` searches for rarer errors. */
const RUNS = Number(process.env.BLOCK_READING_RUNS ?? 50);
const SEED = Number(process.env.BLOCK_READING_SEED ?? 1);
const DAY = 86_400_000;
const START = Date.parse('2026-11-01T00:00:00Z');
const DAYS = 6;

interface Sample {
  readonly at: number;
  readonly value: number;
}

/**
 * Every series has a twin. The samples of one are in chunks, and the same samples of the other one are in blocks. Both also have
 * the same samples in the log. Whatever is read of the two must be equal.
 */
describe('a series in blocks', () => {
  const store = storeUnderTest('all');
  const schema = new DatabaseSchema('public');
  const random = new SeededRandom(SEED);
  const metrics = [
    new Metric(1, 'rising_total', 'counter', new Date(START), 'delta', null, null),
    new Metric(2, 'level', 'gauge', new Date(START), null, null, null),
    new Metric(3, 'marked_total', 'counter', new Date(START), 'delta', null, null),
    new Metric(4, 'run_total', 'counter', new Date(START), 'cumulative', null, null),
  ];
  const seriesWith = (id: number) => {
    const metric = metrics[id % 4]!;
    return new Series(id, id, metric, `id="${id}"`, metric.temporality, null, new Date(START));
  };
  const inChunks = Array.from({ length: 12 }, (_, index) => seriesWith(index + 4));
  // These series are in two buckets.
  const inBlocks = Array.from({ length: 12 }, (_, index) => seriesWith(index < 6 ? 64 + index + 4 : 192 + index + 4));
  let dataSource: DataSource;
  let reader: SampleReader;
  let snapshots: StoreSnapshotRepository;
  let whole: HistorySnapshots;

  function samplesOf(series: Series, day: number): Sample[] {
    const count = random.pick([0, 0, 1, 3, 40, 300]);
    const isCoarse = random.isTrue(0.5);
    const samples = Array.from({ length: count }, () => {
      const offset = random.integer(0, DAY - 1);
      // Coarse times are equal for many samples, also for samples of different blocks.
      const at = START + day * DAY + (isCoarse ? Math.floor(offset / 3_600_000) * 3_600_000 : offset);
      const isMarker = series.metric.name === 'marked_total' && random.isTrue(0.01);
      return { at, value: isMarker ? NaN : random.integer(0, 10_000) / 100 };
    });
    return samples.toSorted((a, b) => a.at - b.at);
  }

  async function insertChunk(series: Series, samples: readonly Sample[]): Promise<void> {
    const sum = new CompensatedSum();
    for (const { value } of samples) sum.add(value);
    const isDelta = series.kind === 'delta';
    const startAt = samples[0]!.at;
    await store.client.query(
      `INSERT INTO sample_chunk (start_at, end_at, delta_sum, delta_sum_low, series_id, sample_count, is_merged, offsets_ms, "values")
       VALUES ($1, $2, $3, $4, $5, $6, true, $7, $8)`,
      [
        new Date(startAt),
        new Date(samples.at(-1)!.at),
        isDelta ? sum.high : null,
        isDelta ? sum.low : null,
        series.id,
        samples.length,
        samples.map(({ at }) => at - startAt),
        samples.map(({ value }) => value),
      ],
    );
  }

  /** Stores samples of some of the series of one day in a chunk for each series, and in a block for each bucket of the twins. */
  async function storePiece(day: number, totals: CompensatedSum[]): Promise<void> {
    const chosen = inChunks.map((series) => (random.isTrue(0.7) ? samplesOf(series, day) : []));
    for (const [index, samples] of chosen.entries()) {
      if (samples.length === 0) continue;
      await insertChunk(inChunks[index]!, samples);
      if (inChunks[index]!.kind === 'delta') for (const { value } of samples) totals[index]!.add(value);
    }
    for (const bucket of [1, 3]) {
      const members = inBlocks.flatMap((series, index): MemberSamples[] =>
        series.id >> 6 !== bucket || chosen[index]!.length === 0
          ? []
          : [
              {
                member: series.id & 63,
                times: Float64Array.from(chosen[index]!, ({ at }) => at),
                values: Float64Array.from(chosen[index]!, ({ value }) => value),
                isDelta: series.kind === 'delta',
              },
            ],
      );
      if (members.length === 0) continue;
      const table = random.pick(Object.values(BLOCK_SETS));
      await insertBlock(store.client, table, bucket, new BlockEncoder().encode(members));
    }
  }

  beforeAll(async () => {
    const { client } = store;
    await client.query(`CREATE TABLE all_chunks PARTITION OF sample_chunk_merged DEFAULT`);
    const totals = inChunks.map(() => new CompensatedSum());
    for (let day = 0; day < DAYS; day++) {
      for (let pieces = random.integer(1, 6); pieces > 0; pieces--) await storePiece(day, totals);
    }
    for (const { id, name, type, temporality } of metrics) {
      await client.query('INSERT INTO metric (id, name, type, temporality) VALUES ($1, $2, $3, $4)', [
        id,
        name,
        type,
        temporality,
      ]);
    }
    for (const [index, series] of inChunks.entries()) {
      for (const { id, metric } of [series, inBlocks[index]!]) {
        await client.query(
          `INSERT INTO series (id, metric_id, identity, labels, total, total_low) VALUES ($1, $2, $3, '{}', $4, $5)`,
          [id, metric.id, Buffer.from(String(id)), totals[index]!.high, totals[index]!.low],
        );
      }
    }
    // The log has a late sample of each series, and a newer one.
    for (const [sequence, at] of [START + 2.5 * DAY, START + DAYS * DAY + 1].entries()) {
      const ids = [...inChunks, ...inBlocks].map(({ id }) => id);
      await client.query(
        `INSERT INTO sample_batch (writer_id, sequence, earliest_at, latest_at, series_ids, timestamps, "values")
         VALUES (1, $1, $2, $2, $3, $4, $5)`,
        [sequence, new Date(at), ids, ids.map(() => at), ids.map((_, index) => (index % 12) + 0.5)],
      );
    }
    dataSource = await new DataSource(dataSourceOptions(store.url, schema, 2)).initialize();
    const known = new KnownDatabase(schema);
    snapshots = new StoreSnapshotRepository(dataSource, known, schema);
    whole = new HistorySnapshots(dataSource, dataSource, known, new HistoryPlaceRepository(dataSource, schema), schema);
    // This reader always reads in a transaction.
    reader = new SampleReader({
      withSnapshot: (task: never) => snapshots.withSnapshot(task),
      readAtOnce: () => Promise.resolve(undefined),
    } as unknown as HistorySnapshots);
  });

  afterAll(() => dataSource.destroy());

  /** Returns the totals at edges, which is all that matters of a series that was read with edges. */
  function totalsAt(edges: Float64Array, { timestamps, values, before }: SeriesSamples): number[] {
    return Array.from(edges, (edge) => {
      const sum = new CompensatedSum(before.value ?? 0);
      for (let index = 0; index < timestamps.length && timestamps[index]! <= edge; index++) sum.add(values[index]!);
      return sum.high;
    });
  }

  function comparable({ timestamps, values, before }: SeriesSamples) {
    return { timestamps: [...timestamps], values: [...values], before };
  }

  test('is read as if it were in chunks', async () => {
    for (let run = 0; run < RUNS; run++) {
      const from = START + random.integer(-DAY, DAYS * DAY);
      const to = from + random.pick([1, 60_000, 3_600_000, DAY, 3 * DAY, 10 * DAY]);
      const places = random.isTrue(0.3) ? [random.integer(0, 11)] : [...inChunks.keys()];
      const query = { from, to, needsBefore: random.isTrue(0.7), maxSamples: 1_000_000 };
      const [chunks, blocks] = await Promise.all(
        [inChunks, inBlocks].map((series) => reader.read({ ...query, series: places.map((place) => series[place]!) })),
      );
      try {
        for (const [index] of places.entries()) {
          const [expected, found] = [chunks![index]!, blocks![index]!];
          expect(comparable(found)).toEqual(comparable(expected));
        }
      } catch (error) {
        throw new Error(`Query ${run} of BLOCK_READING_SEED=${SEED} failed: ${String(error)}`, { cause: error });
      }
    }
  });

  test('is read by one statement as in a transaction', async () => {
    const atOnce = new SampleReader(whole);
    let answered = 0;
    for (let run = 0; run < RUNS; run++) {
      const queries = [inChunks, inBlocks, [...inChunks, ...inBlocks]].slice(random.integer(0, 2)).map((series) => {
        const from = START + random.integer(-DAY, DAYS * DAY);
        const to = from + random.pick([1, 60_000, 3_600_000, DAY, 10 * DAY]);
        const chosen = random.isTrue(0.5) ? [random.pick(series)] : series;
        return { series: chosen, from, to, needsBefore: random.isTrue(0.7) };
      });
      const found = await atOnce.readAtOnce(queries, 1_000_000);
      if (found === undefined) continue;
      answered++;
      const expected = await reader.readAll(queries, 1_000_000);
      expect(found.map((samples) => samples.map(comparable))).toEqual(
        expected.map((samples) => samples.map(comparable)),
      );
    }
    expect(answered).toBeGreaterThan(RUNS / 3);
  });

  test('is not read by one statement if that would need too many rows, or the database is another one', async () => {
    const range = { series: inChunks, from: START, to: START + DAYS * DAY, needsBefore: true };
    await expect(new SampleReader(whole).readAtOnce([range], 1_000_000)).resolves.toBeUndefined();
    const known = new KnownDatabase(schema);
    known.changeTo('another place');
    const elsewhere = new HistorySnapshots(
      dataSource,
      dataSource,
      known,
      new HistoryPlaceRepository(dataSource, schema),
      schema,
    );
    const small = { series: [inBlocks[0]!], from: START, to: START + 1 };
    await expect(new SampleReader(elsewhere).readAtOnce([small], 1_000_000)).resolves.toBeUndefined();
    await expect(new SampleReader(whole).readAtOnce([small], 1_000_000)).resolves.toHaveLength(1);
  });

  test('is not read by one statement if the log has too many samples, however small they are, or for too many ranges', async () => {
    const atOnce = new SampleReader(whole);
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
  });

  test('is not read from a block that has been replaced since it was found', async () => {
    const repository = new ReadAtOnceRepository(dataSource, new KnownDatabase(schema), schema);
    const wanted = await snapshots.withSnapshot(async ({ blocks }) => {
      for await (const [block] of blocks.overlapping(new BucketMembers([inBlocks[0]!.id]), START, START + DAY, true)) {
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

  test('has the same totals at edges, of which most come from sums', async () => {
    let summed = 0;
    for (let run = 0; run < RUNS / 3; run++) {
      const from = START + random.integer(-DAY, DAYS * DAY);
      const to = from + random.pick([DAY, 3 * DAY, 10 * DAY]);
      const edges = Float64Array.from({ length: random.integer(1, 8) }, () => random.integer(from, to)).toSorted();
      const query = { from, to, needsBefore: true, edges, maxSamples: 1_000_000 };
      const [all, chunks, blocks] = await Promise.all([
        reader.read({ ...query, edges: undefined, series: inBlocks }),
        reader.read({ ...query, series: inChunks }),
        reader.read({ ...query, series: inBlocks }),
      ]);
      for (const [index, found] of blocks.entries()) {
        if (found.series.kind !== 'delta') {
          expect(comparable(found)).toEqual(comparable(all[index]!));
          continue;
        }
        expect(totalsAt(edges, found)).toEqual(totalsAt(edges, all[index]!));
        expect(totalsAt(edges, found)).toEqual(totalsAt(edges, chunks[index]!));
        if (found.timestamps.length < all[index]!.timestamps.length) summed++;
      }
    }
    expect(summed).toBeGreaterThan(RUNS / 10);
  });

  test('ends the reading at the limit of samples, and leaves out series without samples', async () => {
    const range = { from: START, to: START + DAYS * DAY };
    await expect(reader.read({ ...range, series: inBlocks, maxSamples: 100 })).rejects.toThrow('More than 100 samples');
    const found = await reader.read({
      from: START + 2.5 * DAY,
      to: START + 2.5 * DAY + 1,
      series: [...inBlocks, seriesWith(1_000)],
      onlyWithSamples: true,
      maxSamples: 1_000,
    });
    expect(found.map(({ series }) => series.id)).toEqual(inBlocks.map(({ id }) => id));
  });
});
