import { Module } from '@nestjs/common';
import { ApiTokensModule } from '../../api-tokens/api-tokens.module.js';
import { HttpModule } from '../../http/http.module.js';
import { IngestionModule } from '../../ingestion/ingestion.module.js';
import { RefusalsModule } from '../../refusals/refusals.module.js';
import { RefusalLog } from './refusal-log.js';
import { SdkMetricsService } from './sdk-metrics.service.js';
import { UnleashUpstream } from './unleash-upstream.js';

/** Receives the impact metrics of Unleash SDKs, and answers their other requests. */
@Module({
  imports: [ApiTokensModule, HttpModule, IngestionModule, RefusalsModule],
  providers: [SdkMetricsService, RefusalLog, UnleashUpstream],
  exports: [SdkMetricsService, UnleashUpstream],
})
export class UnleashSdkModule {}
