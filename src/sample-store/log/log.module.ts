import { Module } from '@nestjs/common';
import { DatabaseModule } from '../../database/database.module.js';
import { ReadingModule } from '../reading/reading.module.js';
import { ReceiptsModule } from '../receipts/receipts.module.js';
import { GroupCommitter } from './group-committer.js';
import { LogRepository } from './log.repository.js';
import { SampleBatchRepository } from './sample-batch.repository.js';
import { SampleLog } from './sample-log.js';
import { sampleStoreMetricsProviders } from './sample-store.metrics.js';

/** Commits samples to the log, with many requests in one row. */
@Module({
  imports: [DatabaseModule, ReadingModule, ReceiptsModule],
  providers: [SampleBatchRepository, LogRepository, GroupCommitter, SampleLog, ...sampleStoreMetricsProviders],
  exports: [SampleLog, LogRepository, SampleBatchRepository],
})
export class LogModule {}
