import { Module } from '@nestjs/common';
import { IngestionModule } from '../../ingestion/ingestion.module.js';
import { SchedulingModule } from '../../scheduling/scheduling.module.js';
import { CustomMetrics } from './custom-metrics.js';
import { instrumentMetricsProviders } from './instrument.metrics.js';
import { InstrumentWriter } from './instrument-writer.js';

/** Takes metrics from the code of the app. */
@Module({
  imports: [SchedulingModule, IngestionModule],
  providers: [CustomMetrics, InstrumentWriter, ...instrumentMetricsProviders],
  exports: [CustomMetrics],
})
export class InProcessModule {}
