import { Module } from '@nestjs/common';
import { SchedulingModule } from '../scheduling/scheduling.module.js';
import { ArchiveModule } from './archive/archive.module.js';
import { diskUsageProviders } from './disk-usage.js';
import { LogModule } from './log/log.module.js';
import { PeersModule } from './peers/peers.module.js';
import { ReadingModule } from './reading/reading.module.js';
import { ReceiptsModule } from './receipts/receipts.module.js';
import { RemovalModule } from './removal/removal.module.js';

/** Stores samples, first in the log and later in the archive, and provides everything that reads them. */
@Module({
  imports: [SchedulingModule, ReceiptsModule, ReadingModule, LogModule, PeersModule, ArchiveModule, RemovalModule],
  providers: [...diskUsageProviders],
  exports: [ReceiptsModule, ReadingModule, LogModule, PeersModule, RemovalModule],
})
export class SampleStoreModule {}
