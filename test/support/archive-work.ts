import { DataSource } from 'typeorm';
import type { CustomMetricsOptions } from '../../src/custom-metrics.options.js';
import { surviveConnectionErrors } from '../../src/database/connections/connection-pool.js';
import { KnownDatabase } from '../../src/database/known-database.js';
import { OlderProcessesRepository } from '../../src/database/older-processes.repository.js';
import { DatabaseSchema } from '../../src/database/schema/database-schema.js';
import { ArchiveRepository } from '../../src/sample-store/archive/archive.repository.js';
import { BlockMerge } from '../../src/sample-store/archive/block-merge.js';
import { ChunkRepacking } from '../../src/sample-store/archive/chunk-repacking.js';
import {
  CHUNK_SETS,
  daysOf,
  type Partition,
  type PartitionSet,
  parsePartitionName,
  type UnmergedBlockSet,
} from '../../src/sample-store/archive/chunk/chunk-partitions.js';
import { ChunkRepository } from '../../src/sample-store/archive/chunk/chunk.repository.js';
import { Compaction } from '../../src/sample-store/archive/compaction.js';
import { CompactionRepository } from '../../src/sample-store/archive/compaction.repository.js';
import { BlockRepository } from '../../src/sample-store/archive/stored-blocks/block.repository.js';
import { ChangedBlocksRepository } from '../../src/sample-store/archive/stored-blocks/changed-blocks.repository.js';
import { HandOverRepository } from '../../src/sample-store/archive/stored-blocks/hand-over.repository.js';
import { MergedBlocksRepository } from '../../src/sample-store/archive/turns/merged-blocks.repository.js';
import { MergeTurns } from '../../src/sample-store/archive/turns/merge-turns.js';
import type { TurnBackoff } from '../../src/sample-store/archive/turns/turn-backoff.js';
import { TurnSweep } from '../../src/sample-store/archive/turns/turn-sweep.js';
import { TurnSweepRepository } from '../../src/sample-store/archive/turns/turn-sweep.repository.js';
import { TurnsRepository } from '../../src/sample-store/archive/turns/turns.repository.js';
import type { HistorySnapshots } from '../../src/sample-store/reading/history-snapshot.repository.js';
import { CorrectedBlocks } from '../../src/sample-store/corrections/corrected-blocks.js';
import { CorrectedBlocksRepository } from '../../src/sample-store/corrections/corrected-blocks.repository.js';
import { CorrectedChunks } from '../../src/sample-store/corrections/corrected-chunks.js';
import { CorrectedChunksRepository } from '../../src/sample-store/corrections/corrected-chunks.repository.js';
import { CorrectedLogRepository } from '../../src/sample-store/corrections/corrected-log.repository.js';
import { CorrectedTotalsKeeper } from '../../src/sample-store/corrections/corrected-totals.js';
import { CorrectedTotalsRepository } from '../../src/sample-store/corrections/corrected-totals.repository.js';
import { CorrectionsRepository } from '../../src/sample-store/corrections/corrections.repository.js';
import { SampleCorrections } from '../../src/sample-store/corrections/sample-corrections.js';
import type { LiveValuesLoader } from '../../src/sample-store/reading/live/live-values-loader.js';
import { SampleReader } from '../../src/sample-store/reading/sample-reader.js';
import { StoreSnapshotRepository } from '../../src/sample-store/reading/store-snapshot.repository.js';
import { RemovedBlocksRepository } from '../../src/sample-store/removal/removed-blocks.repository.js';
import { dataSourceOptions } from '../../src/server/database/data-source-options.js';

const DAY = 86_400_000;

/** Does the work that one process does on the archive, but each step only when the test calls for it. */
export class ArchiveWork {
  readonly reader: SampleReader;
  readonly snapshots: StoreSnapshotRepository;
  readonly blocks: BlockRepository;
  readonly archive: ArchiveRepository;
  readonly sweep: TurnSweep;
  readonly removal: RemovedBlocksRepository;
  readonly corrections: SampleCorrections;
  /** True for the pause after a turn that failed. */
  pausesTurns = false;
  private readonly compaction: Compaction;
  private readonly merge: BlockMerge;
  private readonly repacking: ChunkRepacking;
  private readonly handOver: HandOverRepository;

  private constructor(
    readonly dataSource: DataSource,
    schema: DatabaseSchema,
  ) {
    const options = {
      archive: {
        compactionHorizonSeconds: 0,
        compactionIntervalSeconds: 1,
        chunkPeriodSeconds: 6 * 3600,
        slowSeriesPeriodSeconds: 24 * 3600,
      },
      store: { retentionDays: 90 },
      correction: { maxBlocks: 1_000, timeoutSeconds: 30 },
    } as CustomMetricsOptions;
    this.archive = new ArchiveRepository(dataSource, schema);
    this.blocks = new BlockRepository(schema);
    const older = new OlderProcessesRepository(schema);
    this.sweep = new TurnSweep(this.archive, new TurnSweepRepository(schema));
    const backoff = {
      isPausing: () => this.pausesTurns,
      throwIfPausing() {},
      succeeded() {},
      failed() {},
    } as unknown as TurnBackoff;
    const turns = new MergeTurns(new TurnsRepository(dataSource, schema), this.blocks, backoff);
    const mergedBlocks = new MergedBlocksRepository(schema);
    this.handOver = new HandOverRepository(this.archive, older, schema);
    const chunks = new ChunkRepository(schema);
    this.repacking = new ChunkRepacking(this.archive, chunks, turns, this.handOver);
    this.compaction = new Compaction(
      this.archive,
      new CompactionRepository(schema),
      chunks,
      this.blocks,
      this.handOver,
      turns,
      options,
    );
    this.merge = new BlockMerge(this.archive, this.blocks, mergedBlocks, turns, options);
    const known = new KnownDatabase(schema);
    const changed = new ChangedBlocksRepository(schema);
    this.removal = new RemovedBlocksRepository(schema, changed, this.archive, turns);
    this.corrections = new SampleCorrections(
      new CorrectionsRepository(dataSource, known, older, schema),
      new CorrectedLogRepository(schema),
      new CorrectedBlocks(new CorrectedBlocksRepository(schema), changed, mergedBlocks, turns),
      new CorrectedChunks(new CorrectedChunksRepository(schema), this.archive, options),
      new CorrectedTotalsKeeper(new CorrectedTotalsRepository(schema), schema),
      { reload: () => Promise.resolve() } as Partial<LiveValuesLoader> as LiveValuesLoader,
      this.handOver,
      options,
    );
    this.snapshots = new StoreSnapshotRepository(dataSource, known, schema);
    const { snapshots } = this;
    this.reader = new SampleReader({
      withSnapshot: snapshots.withSnapshot.bind(snapshots),
      // The reader takes a snapshot for every read, however small.
      readAtOnce: () => Promise.resolve(undefined),
    } as Partial<HistorySnapshots> as HistorySnapshots);
  }

  /** Connects to a database, in which blocks are written from now on unless an older process is alive. */
  static async open(url: string): Promise<ArchiveWork> {
    const schema = new DatabaseSchema('public');
    const dataSource = await new DataSource(dataSourceOptions(url, schema, 3)).initialize();
    surviveConnectionErrors(dataSource);
    const work = new ArchiveWork(dataSource, schema);
    await work.beginBlocks();
    return work;
  }

  /** Begins to write blocks unless an older process is alive. */
  beginBlocks(): Promise<void> {
    return this.handOver.begin();
  }

  /** Moves the oldest rows of the log into blocks. */
  async compact(): Promise<void> {
    while ((await this.compaction.compactOnce())?.isUnfinished === true);
  }

  async partitionsOf(set: PartitionSet): Promise<Partition[]> {
    const rows: { name: string }[] = await this.dataSource.query(
      'SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = $1::regclass ORDER BY name',
      [set],
    );
    return rows.map(({ name }) => parsePartitionName(name)!);
  }

  /** Merges the next blocks of a partition. */
  mergeOnce(set: UnmergedBlockSet, partition: Partition, fromBucket = 0): Promise<number | null | undefined> {
    return this.merge.mergeOnce(set, partition, fromBucket, DAY);
  }

  /** Merges all blocks of a set, and drops its partitions. */
  async mergeAll(set: UnmergedBlockSet): Promise<void> {
    for (const partition of await this.partitionsOf(set)) {
      let next: number | null | undefined = 0;
      while (typeof next === 'number') next = await this.mergeOnce(set, partition, next);
      await this.archive.dropPartition(partition, true);
    }
  }

  /** Repacks all chunks, and drops their partitions. */
  async repackAll(): Promise<void> {
    for (const set of Object.values(CHUNK_SETS)) {
      for (const partition of await this.partitionsOf(set)) {
        for (const day of daysOf(partition)) {
          let next: number | null | undefined = 0;
          while (typeof next === 'number') next = await this.repacking.repackOnce(set, day, next, DAY);
        }
        await this.archive.dropPartition(partition, true);
      }
    }
  }

  close(): Promise<void> {
    return this.dataSource.destroy();
  }
}
