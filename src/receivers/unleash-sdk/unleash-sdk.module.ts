import { type MiddlewareConsumer, Module, type NestModule } from '@nestjs/common';
import { FrontendCorsMiddleware } from './frontend-cors.middleware.js';
import { ApiTokensModule } from '../../api-tokens/api-tokens.module.js';
import { HttpModule } from '../../http/http.module.js';
import { IngestionModule } from '../../ingestion/ingestion.module.js';
import { ClientSdkController } from './client-sdk.controller.js';
import { FrontendSdkController } from './frontend-sdk.controller.js';
import { RefusalLog } from './refusal-log.js';
import { SdkMetricsService } from './sdk-metrics.service.js';
import { UnleashUpstream } from './unleash-upstream.js';

/** Receives the impact metrics of Unleash SDKs, and answers their other requests. */
@Module({
  imports: [ApiTokensModule, HttpModule, IngestionModule],
  controllers: [ClientSdkController, FrontendSdkController],
  providers: [SdkMetricsService, RefusalLog, UnleashUpstream],
})
export class UnleashSdkModule implements NestModule {
  configure(consumer: MiddlewareConsumer): void {
    consumer.apply(FrontendCorsMiddleware).forRoutes(FrontendSdkController);
  }
}
