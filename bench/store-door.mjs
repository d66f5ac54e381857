// The store without its service, for benchmarks that need months of history in minutes.
import path from 'node:path';
import { DataSource } from 'typeorm';
import { DIST } from './processes.mjs';

const load = (file) => import(path.join(DIST, 'src', file));

/** Opens a migrated database: appends rows, compacts and merges when told. */
export async function openStore(url, { chunkPeriodSeconds = 6 * 3600, migrate = false } = {}) {
  const { SampleBatchRepository } = await load('sample-store/log/sample-batch.repository.js');
  const { dataSourceOptions } = await load('server/database/data-source-options.js');
  const { ArchiveRepository } = await load('sample-store/archive/archive.repository.js');
  const { ChunkRepository } = await load('sample-store/archive/chunk/chunk.repository.js');
  const { ChunkMerge } = await load('sample-store/archive/chunk-merge.js');
  const { CompactionRepository } = await load('sample-store/archive/compaction.repository.js');
  const { Compaction } = await load('sample-store/archive/compaction.js');
  const { parsePartitionName } = await load('sample-store/archive/chunk/chunk-partitions.js');
  const { HistorySnapshots } = await load('sample-store/reading/history-snapshot.repository.js');
  const { SampleReader } = await load('sample-store/reading/sample-reader.js');
  const { Metric } = await load('catalog/metric/metric.js');
  const { Series } = await load('catalog/series/series.js');
  const dataSource = await new DataSource(dataSourceOptions(url, 3)).initialize();
  if (migrate) await dataSource.runMigrations();
  const repository = new SampleBatchRepository(dataSource);
  const archive = new ArchiveRepository(dataSource);
  const chunks = new ChunkRepository();
  const compaction = new Compaction(archive, new CompactionRepository(), chunks, {
    archive: { compactionHorizonSeconds: 0, compactionIntervalSeconds: 1, chunkPeriodSeconds },
  });
  const merge = new ChunkMerge(archive, chunks);
  const writerId = await repository.createWriter();
  const reader = new SampleReader(new HistorySnapshots(dataSource));
  let sequence = 0;
  return {
    query: (sql, parameters) => dataSource.query(sql, parameters),
    append: (row) => repository.append({ writerId, sequence: ++sequence, receipts: [], ...row }),
    /** Moves the whole log into chunks, so many samples at a time. */
    compactAll: async (samplesPerCompaction) => {
      while ((await compaction.compactOnce(samplesPerCompaction)).rows > 0);
    },
    /** Merges every fresh chunk, as if its period were closed. */
    mergeAll: async () => {
      const partitions = await dataSource.query(
        `SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'sample_chunk_fresh'::regclass`,
      );
      for (const { name } of partitions) {
        let fromSeriesId = 0;
        while (fromSeriesId !== null) {
          fromSeriesId = await merge.mergeOnce(parsePartitionName(name), fromSeriesId, 24 * 3600 * 1000);
        }
        await archive.dropPartition(parsePartitionName(name), true);
      }
    },
    /** Reads the first so many series of the first metric, as history does. */
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
