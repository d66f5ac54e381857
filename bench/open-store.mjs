// Opens the store without its service, for benchmarks that need months of history within minutes.
import path from 'node:path';
import { DataSource } from 'typeorm';
import { DIST } from './processes.mjs';

const load = (file) => import(path.join(DIST, 'src', file));

/** Opens the store of a database, which must be migrated already unless `migrate` is true. */
export async function openStore(url, { chunkPeriodSeconds = 6 * 3600, migrate = false } = {}) {
  const { SampleBatchRepository } = await load('sample-store/log/sample-batch.repository.js');
  const { dataSourceOptions } = await load('server/database/data-source-options.js');
  const { DatabaseSchema } = await load('database/schema/database-schema.js');
  const { KnownDatabase } = await load('database/known-database.js');
  const { ArchiveRepository } = await load('sample-store/archive/archive.repository.js');
  const { ChunkRepository } = await load('sample-store/archive/chunk/chunk.repository.js');
  const { CompactionRepository } = await load('sample-store/archive/compaction.repository.js');
  const { BlockRepository } = await load('sample-store/archive/stored-blocks/block.repository.js');
  const { OlderProcessesRepository } = await load('database/older-processes.repository.js');
  const { HandOverRepository } = await load('sample-store/archive/stored-blocks/hand-over.repository.js');
  const { MergedBlocksRepository } = await load('sample-store/archive/turns/merged-blocks.repository.js');
  const { MergeTurns } = await load('sample-store/archive/turns/merge-turns.js');
  const { TurnBackoff } = await load('sample-store/archive/turns/turn-backoff.js');
  const { TurnsRepository } = await load('sample-store/archive/turns/turns.repository.js');
  const { BlockMerge } = await load('sample-store/archive/block-merge.js');
  const { Compaction } = await load('sample-store/archive/compaction.js');
  const { parsePartitionName } = await load('sample-store/archive/chunk/chunk-partitions.js');
  const { HistorySnapshots } = await load('sample-store/reading/history-snapshot.repository.js');
  const { HistoryPlaceRepository } = await load('sample-store/reading/history-place.repository.js');
  const { SampleReader } = await load('sample-store/reading/sample-reader.js');

  const { Metric, Series } = await load('catalog/series/series.js');
  const schema = new DatabaseSchema('public');
  const dataSource = await new DataSource(dataSourceOptions(url, schema, 3)).initialize();
  if (migrate) await dataSource.runMigrations();
  const known = new KnownDatabase(schema);
  const repository = new SampleBatchRepository(dataSource, known, schema);
  const archive = new ArchiveRepository(dataSource, schema);
  const chunks = new ChunkRepository(schema);
  const blocks = new BlockRepository(schema);
  const handOver = new HandOverRepository(archive, new OlderProcessesRepository(schema), schema);
  const options = {
    archive: {
      compactionHorizonSeconds: 0,
      compactionIntervalSeconds: 1,
      chunkPeriodSeconds,
      slowSeriesPeriodSeconds: 24 * 3600,
    },
    store: { retentionDays: 90 },
  };
  const turns = new MergeTurns(new TurnsRepository(dataSource, schema), blocks, new TurnBackoff());
  const compaction = new Compaction(
    archive,
    new CompactionRepository(schema),
    chunks,
    blocks,
    handOver,
    turns,
    options,
  );
  const merge = new BlockMerge(archive, blocks, new MergedBlocksRepository(schema), turns, options);
  await handOver.begin();
  const { id: writerId } = await repository.createWriter(known);
  const reader = new SampleReader(
    new HistorySnapshots(dataSource, dataSource, known, new HistoryPlaceRepository(dataSource, schema), schema),
  );
  let sequence = 0;
  return {
    query: (sql, parameters) => dataSource.query(sql, parameters),
    append: (row) => repository.append({ writerId, sequence: ++sequence, receipts: [], ...row }),
    /** Moves the whole log into blocks, a number of samples at a time. */
    compactAll: async (samplesPerCompaction) => {
      while ((await compaction.compactOnce(samplesPerCompaction)).rows > 0);
    },
    /** Merges every block, as if its day were over. */
    mergeAll: async () => {
      for (const set of ['sample_block_fresh', 'sample_block_waiting']) {
        const partitions = await dataSource.query(
          `SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = $1::regclass`,
          [set],
        );
        for (const { name } of partitions) {
          let fromBucket = 0;
          while (fromBucket !== null) {
            fromBucket = await merge.mergeOnce(set, parsePartitionName(name), fromBucket, 24 * 3600 * 1000);
          }
          await archive.dropPartition(parsePartitionName(name), true);
        }
      }
    },
    /** Stores a merged block of a day once for each of some buckets. */
    insertCopies: (block, { from, buckets, sampleCount }) =>
      archive.withLock(async (transaction) => {
        await archive.ensurePartitions(transaction, 'sample_block_merged', [from], 24 * 3600 * 1000);
        await blocks.insert(
          transaction,
          'sample_block_merged',
          buckets.map((bucket) => ({ ...block, bucket, sampleCount })),
        );
      }),
    /** Reads the first `count` series of the first metric, as history does. */
    read: (query, count) => {
      const metric = new Metric(1, 'requests_total', 'counter', new Date(0), 'delta', null, null);
      const series = Array.from(
        { length: count },
        (_, index) => new Series(index + 1, index, metric, `n="${index}"`, 'delta', null, new Date(0)),
      );
      return reader.read({ ...query, series });
    },
    close: () => dataSource.destroy(),
  };
}
