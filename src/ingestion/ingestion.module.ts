import { Module } from '@nestjs/common';
import { ApiTokensModule } from '../api-tokens/api-tokens.module.js';
import { CatalogModule } from '../catalog/catalog.module.js';
import { DatabaseModule } from '../database/database.module.js';
import { LiveValuesModule } from '../live-values/live-values.module.js';
import { RefusalsModule } from '../refusals/refusals.module.js';
import { LogModule } from '../sample-store/log/log.module.js';
import { ReceiptsModule } from '../sample-store/receipts/receipts.module.js';
import { DecodingMemory } from './decoding-memory.js';
import { HistogramFamilies } from './histograms/histogram-families.js';
import { IdempotentIngestion } from './idempotent-ingestion.js';
import { IngestionMetrics, ingestionMetricsProviders } from './ingestion.metrics.js';
import { IngestionService } from './ingestion.service.js';
import { RecognisedSeries } from './recognition/recognised-series.js';
import { ScrapedIngestion } from './recognition/scraped-ingestion.js';
import { BatchResolver } from './series/batch-resolver.js';
import { SeriesResolver } from './series/series-resolver.js';

/** Interprets samples and passes them to the store. */
@Module({
  imports: [
    DatabaseModule,
    CatalogModule,
    LiveValuesModule,
    LogModule,
    ReceiptsModule,
    RefusalsModule,
    ApiTokensModule,
  ],
  providers: [
    IngestionService,
    IdempotentIngestion,
    BatchResolver,
    SeriesResolver,
    HistogramFamilies,
    RecognisedSeries,
    ScrapedIngestion,
    DecodingMemory,
    ...ingestionMetricsProviders,
  ],
  exports: [
    IngestionService,
    IdempotentIngestion,
    SeriesResolver,
    RecognisedSeries,
    ScrapedIngestion,
    DecodingMemory,
    IngestionMetrics,
  ],
})
export class IngestionModule {}
