import { Module } from '@nestjs/common';
import { ApiTokensModule } from '../../api-tokens/api-tokens.module.js';
import { HttpModule } from '../../http/http.module.js';
import { IngestionModule } from '../../ingestion/ingestion.module.js';
import { RefusalsModule } from '../../refusals/refusals.module.js';
import { CustomMetricsService } from './custom-metrics.service.js';
import { IngestShortPath } from './fast-path/ingest-short-path.js';
import { MetricBatchPipe } from './metric-batch.pipe.js';

/** Provides the services for `POST /api/client/metrics/custom`. */
@Module({
  imports: [ApiTokensModule, HttpModule, IngestionModule, RefusalsModule],
  providers: [CustomMetricsService, MetricBatchPipe, IngestShortPath],
  exports: [CustomMetricsService, IngestShortPath],
})
export class CustomMetricsReceiverModule {}
