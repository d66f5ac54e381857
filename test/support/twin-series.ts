import { DataSource } from 'typeorm';
import { Metric, Series } from '../../src/catalog/series/series.js';
import { KnownDatabase } from '../../src/database/known-database.js';
import { DatabaseSchema } from '../../src/database/schema/database-schema.js';
import { CompensatedSum } from '../../src/live-values/compensated-sum.js';
import type { MemberSamples } from '../../src/sample-store/archive/block/block-bytes.js';
import { BlockEncoder } from '../../src/sample-store/archive/block/block-encoder.js';
import { BLOCK_SETS } from '../../src/sample-store/archive/chunk/chunk-partitions.js';
import type { SeriesSamples } from '../../src/sample-store/reading/columns/series-samples.js';
import type { HistorySnapshots } from '../../src/sample-store/reading/history-snapshot.repository.js';
import { SampleReader } from '../../src/sample-store/reading/sample-reader.js';
import { StoreSnapshotRepository } from '../../src/sample-store/reading/store-snapshot.repository.js';
import { dataSourceOptions } from '../../src/server/database/data-source-options.js';
import { SeededRandom } from './seeded-random.js';
import { type StoreUnderTest, storeUnderTest } from './service-under-test.js';
import { insertBlock } from './stored-blocks.js';

/** Number of queries. `BLOCK_READING_RUNS=5000 BLOCK_READING_SEED=5` searches for rarer errors. */
export const RUNS = Number(process.env.BLOCK_READING_RUNS ?? 50);
export const SEED = Number(process.env.BLOCK_READING_SEED ?? 1);
export const DAY = 86_400_000;
export const START = Date.parse('2026-11-01T00:00:00Z');
export const DAYS = 6;

interface Sample {
  readonly at: number;
  readonly value: number;
}

/**
 * A database in which every series has a twin. The samples of one are in chunks, and the same samples of the other one are in
 * blocks. Both also have the same samples in the log. Whatever is read from the two must be equal.
 */
export interface TwinSeries {
  readonly store: StoreUnderTest;
  readonly schema: DatabaseSchema;
  readonly random: SeededRandom;
  readonly inChunks: readonly Series[];
  readonly inBlocks: readonly Series[];
  readonly dataSource: DataSource;
  readonly known: KnownDatabase;
  readonly snapshots: StoreSnapshotRepository;
  /** Reads in a transaction. */
  readonly reader: SampleReader;
  readonly seriesWith: (id: number) => Series;
}

/** Gives a `describe` block a database with such pairs of series. */
export function twinSeries(): TwinSeries {
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
  let opened: Pick<TwinSeries, 'dataSource' | 'known' | 'snapshots' | 'reader'> | undefined;

  function samplesOf(series: Series, day: number): Sample[] {
    const count = random.pick([0, 0, 1, 3, 40, 300]);
    const isCoarse = random.isTrue(0.5);
    const samples = Array.from({ length: count }, () => {
      const offset = random.integer(0, DAY - 1);
      // Coarse times are equal for many samples, including samples of different blocks.
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

  /**
   * Stores samples of one day for some of the series: in a chunk for each series, and for their twins in a block for each bucket.
   */
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
    const dataSource = await new DataSource(dataSourceOptions(store.url, schema, 2)).initialize();
    const known = new KnownDatabase(schema);
    const snapshots = new StoreSnapshotRepository(dataSource, known, schema);
    const reader = new SampleReader({
      withSnapshot: (task: never) => snapshots.withSnapshot(task),
      readAtOnce: () => Promise.resolve(undefined),
    } as unknown as HistorySnapshots);
    opened = { dataSource, known, snapshots, reader };
  });

  afterAll(() => opened?.dataSource.destroy());

  const current = () => {
    if (opened === undefined) throw new Error('The series exist only while the tests of their block run.');
    return opened;
  };

  return {
    store,
    schema,
    random,
    inChunks,
    inBlocks,
    seriesWith,
    get dataSource() {
      return current().dataSource;
    },
    get known() {
      return current().known;
    },
    get snapshots() {
      return current().snapshots;
    },
    get reader() {
      return current().reader;
    },
  };
}

/** Returns the parts of a read that must be equal for twins. */
export function comparable({ timestamps, values, before }: SeriesSamples) {
  return { timestamps: [...timestamps], values: [...values], before };
}
