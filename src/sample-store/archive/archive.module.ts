import { Module } from '@nestjs/common';
import { DatabaseModule } from '../../database/database.module.js';
import { LiveValuesModule } from '../../live-values/live-values.module.js';
import { SchedulingModule } from '../../scheduling/scheduling.module.js';
import { ReadingModule } from '../reading/reading.module.js';
import { ArchiveSchedule } from './archive-schedule.js';
import { archiveMetricsProviders } from './archive.metrics.js';
import { ArchiveRepository } from './archive.repository.js';
import { ChunkRepository } from './chunk/chunk.repository.js';
import { BlockMerge } from './block-merge.js';
import { BlockRepository } from './stored-blocks/block.repository.js';
import { HandOverRepository } from './stored-blocks/hand-over.repository.js';
import { ChunkMerge } from './chunk-merge.js';
import { ChunkRepacking } from './chunk-repacking.js';
import { Compaction } from './compaction.js';
import { CompactionRepository } from './compaction.repository.js';
import { FutureArrivals } from './retention/future-arrivals.js';
import { FutureArrivalsRepository } from './retention/future-arrivals.repository.js';
import { PartitionKeeping } from './retention/partition-keeping.js';
import { MergedBlocksRepository } from './turns/merged-blocks.repository.js';
import { MergeTurns } from './turns/merge-turns.js';
import { TurnBackoff } from './turns/turn-backoff.js';
import { TurnSweep } from './turns/turn-sweep.js';
import { TurnSweepRepository } from './turns/turn-sweep.repository.js';
import { TurnsRepository } from './turns/turns.repository.js';

/** Moves samples from the log into blocks, merges the blocks, and drops partitions that are past retention. */
@Module({
  imports: [DatabaseModule, SchedulingModule, LiveValuesModule, ReadingModule],
  providers: [
    ArchiveSchedule,
    ArchiveRepository,
    Compaction,
    CompactionRepository,
    ChunkMerge,
    ChunkRepacking,
    BlockMerge,
    BlockRepository,
    HandOverRepository,
    ChunkRepository,
    PartitionKeeping,
    MergeTurns,
    MergedBlocksRepository,
    TurnBackoff,
    TurnSweep,
    TurnSweepRepository,
    TurnsRepository,
    FutureArrivals,
    FutureArrivalsRepository,
    ...archiveMetricsProviders,
  ],
  exports: [ArchiveRepository, FutureArrivals, HandOverRepository, MergedBlocksRepository, MergeTurns],
})
export class ArchiveModule {}
