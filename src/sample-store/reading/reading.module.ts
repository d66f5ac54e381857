import { Module } from '@nestjs/common';
import { CatalogModule } from '../../catalog/catalog.module.js';
import { DatabaseModule } from '../../database/database.module.js';
import { LiveValuesModule } from '../../live-values/live-values.module.js';
import { HistoryPlaceRepository } from './history-place.repository.js';
import { HistorySnapshots } from './history-snapshot.repository.js';
import { LiveValuesLoader } from './live/live-values-loader.js';
import { LogApplier } from './live/log-applier.js';
import { SampleReader } from './sample-reader.js';
import { StoreSnapshotRepository } from './store-snapshot.repository.js';

/** Reads stored samples, for queries and for the live values. */
@Module({
  imports: [DatabaseModule, CatalogModule, LiveValuesModule],
  providers: [
    StoreSnapshotRepository,
    HistorySnapshots,
    HistoryPlaceRepository,
    SampleReader,
    LogApplier,
    LiveValuesLoader,
  ],
  exports: [SampleReader, LogApplier, LiveValuesLoader, StoreSnapshotRepository],
})
export class ReadingModule {}
