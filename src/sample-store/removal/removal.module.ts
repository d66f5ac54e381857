import { Module } from '@nestjs/common';
import { DatabaseModule } from '../../database/database.module.js';
import { SchedulingModule } from '../../scheduling/scheduling.module.js';
import { ArchiveModule } from '../archive/archive.module.js';
import { EmptySeriesRepository } from './empty-series.repository.js';
import { RemovalTransactions } from './removal-transactions.repository.js';
import { RemovedSamplesSweeper } from './removed-samples-sweeper.js';
import { ChangedBlocksRepository } from '../archive/stored-blocks/changed-blocks.repository.js';
import { RemovedBlocksRepository } from './removed-blocks.repository.js';
import { RemovedSamplesRepository } from './removed-samples.repository.js';

/** Deletes the samples of removed series. */
@Module({
  imports: [DatabaseModule, SchedulingModule, ArchiveModule],
  providers: [
    ChangedBlocksRepository,
    EmptySeriesRepository,
    RemovalTransactions,
    RemovedBlocksRepository,
    RemovedSamplesRepository,
    RemovedSamplesSweeper,
  ],
  exports: [RemovedSamplesRepository],
})
export class RemovalModule {}
