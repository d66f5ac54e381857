import { Module } from '@nestjs/common';
import { IngestionModule } from '../../ingestion/ingestion.module.js';
import { SchedulingModule } from '../../scheduling/scheduling.module.js';
import { CustomMetrics } from './custom-metrics.js';
import { instrumentMetricsProviders } from './instrument.metrics.js';
import { InstrumentWriter } from './instrument-writer.js';
import { ItemWriter } from './item-writer.js';

/** Receives metrics from the code of the app. */
@Module({
  imports: [SchedulingModule, IngestionModule],
  providers: [CustomMetrics, InstrumentWriter, ItemWriter, ...instrumentMetricsProviders],
  exports: [CustomMetrics],
})
export class InProcessModule {}
