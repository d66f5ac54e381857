import { AllBackgroundWork } from './all-background-work.js';
import { Inject, type MiddlewareConsumer, Module, type NestModule, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { ApiTokenRepository } from './api-tokens/api-token.repository.js';
import { ApiTokensController } from './api-tokens/api-tokens.controller.js';
import { ApiTokensService } from './api-tokens/api-tokens.service.js';
import { FirstTokensService } from './api-tokens/first-tokens.js';
import { OpenRequests } from './api-tokens/open-requests.js';
import { RequestAuthorization } from './api-tokens/request-authorization.js';
import { CatalogCatchUp } from './catalog/catalog-catch-up.js';
import { CatalogNews } from './catalog/catalog-news.js';
import { CatalogRemoval } from './catalog/catalog-removal.js';
import { Catalog } from './catalog/catalog.js';
import { catalogMetricsProviders } from './catalog/catalog.metrics.js';
import { CatalogRepository } from './catalog/catalog.repository.js';
import { CreationRepository } from './catalog/creation.repository.js';
import { RemovalRepository } from './catalog/removal.repository.js';
import { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } from './custom-metrics.module-definition.js';
import {
  completeOptions,
  CUSTOM_METRICS_OPTIONS,
  type CustomMetricsModuleOptions,
  type CustomMetricsOptions,
} from './custom-metrics.options.js';
import { CustomMetricsController } from './custom-metrics/custom-metrics.controller.js';
import { CustomMetricsService } from './custom-metrics/custom-metrics.service.js';
import { IngestShortPath } from './custom-metrics/ingest-short-path.js';
import { MetricBatchPipe } from './custom-metrics/metric-batch.pipe.js';
import { backgroundMetricsProviders } from './database/background.metrics.js';
import { surviveConnectionErrors } from './database/connection-pool.js';
import { CUSTOM_METRICS_DATA_SOURCE } from './database/data-source.token.js';
import { DatabaseClock } from './database/database-clock.js';
import { databaseMetricsProviders } from './database/database.metrics.js';
import { KnownDatabase } from './database/known-database.js';
import { StopLimit } from './database/stop-limit.js';
import { DatabaseLookRepository } from './database-change/database-look.repository.js';
import { DatabasePlaceRepository } from './database-change/database-place.repository.js';
import { DatabaseWatch } from './database-change/database-watch.js';
import { ExpositionPage } from './exposition/exposition-page.js';
import { LiveValues } from './exposition/live-values.js';
import { MetricsController } from './exposition/metrics.controller.js';
import { OwnMetrics } from './exposition/own-metrics.js';
import { SharedPages } from './exposition/shared-pages.js';
import { HistoryController } from './history/history.controller.js';
import { historyProviders } from './history/history.providers.js';
import { UnleashListingController } from './history/unleash-listing.controller.js';
import { BodyBudget } from './http/body-budget.js';
import { BodyReader } from './http/body-reader.js';
import { RateLimiter } from './http/rate-limiter.js';
import { RequestMetricsMiddleware, requestMetricsProviders } from './http/request-metrics.middleware.js';
import { ingestionMetricsProviders } from './ingestion/ingestion.metrics.js';
import { IdempotentIngestion } from './ingestion/idempotent-ingestion.js';
import { HistogramFamilies } from './ingestion/histogram-families.js';
import { IngestionService } from './ingestion/ingestion.service.js';
import { SeriesResolver } from './ingestion/series-resolver.js';
import { MetricDeclarationsController } from './metric-declarations/metric-declarations.controller.js';
import { MetricDeclarationsService } from './metric-declarations/metric-declarations.service.js';
import { MetricRemovalController } from './metric-removal/metric-removal.controller.js';
import { MetricRemovalService } from './metric-removal/metric-removal.service.js';
import { CatalogListingController } from './prometheus-api/catalog-listing.controller.js';
import { ExpressionController } from './prometheus-api/expression.controller.js';
import { prometheusApiProviders } from './prometheus-api/prometheus-api.providers.js';
import { QueryController } from './prometheus-api/query.controller.js';
import { RemoteReadController } from './prometheus-api/remote-read/remote-read.controller.js';
import { StatusController } from './prometheus-api/status.controller.js';
import { PrometheusPushController } from './prometheus-push/prometheus-push.controller.js';
import { PrometheusPushService } from './prometheus-push/prometheus-push.service.js';
import { PushgatewayController } from './prometheus-push/pushgateway.controller.js';
import { PushgatewayService } from './prometheus-push/pushgateway.service.js';
import { PushGroupRepository } from './push-groups/push-group.repository.js';
import { PushGroups } from './push-groups/push-groups.js';
import { OtlpController } from './otlp/otlp.controller.js';
import { OtlpService } from './otlp/otlp.service.js';
import { archiveMetricsProviders } from './sample-store/archive/archive.metrics.js';
import { ArchiveRepository } from './sample-store/archive/archive.repository.js';
import { ArchiveSchedule } from './sample-store/archive/archive-schedule.js';
import { ChunkRepository } from './sample-store/archive/chunk.repository.js';
import { Consolidation } from './sample-store/archive/consolidation.js';
import { FoldRepository } from './sample-store/archive/fold.repository.js';
import { Fold } from './sample-store/archive/fold.js';
import { FutureArrivalsRepository } from './sample-store/archive/future-arrivals.repository.js';
import { FutureArrivals } from './sample-store/archive/future-arrivals.js';
import { PartitionKeeping } from './sample-store/archive/partition-keeping.js';
import { diskUsageProviders } from './sample-store/disk-usage.js';
import { HistorySnapshots } from './sample-store/history-snapshot.repository.js';
import { IngestReceiptRepository } from './sample-store/ingest-receipt.repository.js';
import { IngestReceiptSweeper } from './sample-store/ingest-receipt-sweeper.js';
import { LiveValuesLoader } from './sample-store/live-values-loader.js';
import { LogApplier } from './sample-store/log-applier.js';
import { LogRepository } from './sample-store/log.repository.js';
import { RemovedSamplesRepository } from './sample-store/removed-samples.repository.js';
import { RemovedSamplesSweeper } from './sample-store/removed-samples-sweeper.js';
import { PeerLag, peerLagProviders } from './sample-store/peer-lag.js';
import { ReplicaFollower } from './sample-store/replica-follower.js';
import { SampleBatchRepository } from './sample-store/sample-batch.repository.js';
import { GroupCommitter } from './sample-store/group-committer.js';
import { SampleLog } from './sample-store/sample-log.js';
import { SampleReader } from './sample-store/sample-reader.js';
import { sampleStoreMetricsProviders } from './sample-store/sample-store.metrics.js';
import { StoreSnapshotRepository } from './sample-store/store-snapshot.repository.js';
import { WriterHeartbeat } from './sample-store/writer-heartbeat.js';
import { ClientSdkController } from './unleash-sdk/client-sdk.controller.js';
import { FrontendCorsMiddleware } from './unleash-sdk/frontend-cors.middleware.js';
import { FrontendSdkController } from './unleash-sdk/frontend-sdk.controller.js';
import { RefusalLog } from './unleash-sdk/refusal-log.js';
import { SdkMetricsService } from './unleash-sdk/sdk-metrics.service.js';
import { UnleashUpstream } from './unleash-sdk/unleash-upstream.js';
import { SeriesSelection } from './selection/series-selection.js';

const controllers = [
  CustomMetricsController,
  PrometheusPushController,
  PushgatewayController,
  OtlpController,
  ClientSdkController,
  FrontendSdkController,
  MetricsController,
  MetricDeclarationsController,
  MetricRemovalController,
  HistoryController,
  UnleashListingController,
  QueryController,
  CatalogListingController,
  StatusController,
  ExpressionController,
  RemoteReadController,
  ApiTokensController,
];

/**
 * Custom metrics inside a Nest app: push, keep, show, ask.
 *
 * The host brings TypeORM with our entities and migrations (`CUSTOM_METRICS_ENTITIES`, `CUSTOM_METRICS_MIGRATIONS`) and,
 * if it wants default metrics, `PrometheusModule`. Nothing global is set: no pipes, no guards, no filters.
 */
@Module({
  controllers,
  providers: [
    {
      provide: CUSTOM_METRICS_OPTIONS,
      inject: [MODULE_OPTIONS_TOKEN],
      useFactory: (given: CustomMetricsModuleOptions) => completeOptions(given),
    },
    {
      provide: RateLimiter,
      inject: [CUSTOM_METRICS_OPTIONS],
      useFactory: (options: CustomMetricsOptions) => new RateLimiter(options.ingestRateLimitPerMinute),
    },
    BodyBudget,
    BodyReader,
    DatabaseClock,
    KnownDatabase,
    StopLimit,
    AllBackgroundWork,
    DatabaseLookRepository,
    DatabasePlaceRepository,
    DatabaseWatch,
    ...databaseMetricsProviders,
    ...backgroundMetricsProviders,
    ...requestMetricsProviders,

    ApiTokenRepository,
    ApiTokensService,
    RequestAuthorization,
    OpenRequests,
    FirstTokensService,

    CatalogRepository,
    CreationRepository,
    ...catalogMetricsProviders,
    Catalog,
    RemovalRepository,
    CatalogRemoval,
    CatalogNews,
    CatalogCatchUp,

    SampleBatchRepository,
    LogRepository,
    IngestReceiptRepository,
    IngestReceiptSweeper,
    ...sampleStoreMetricsProviders,
    ...diskUsageProviders,
    GroupCommitter,
    SampleLog,
    HistorySnapshots,
    SampleReader,
    LogApplier,
    LiveValuesLoader,
    ...peerLagProviders,
    ReplicaFollower,
    WriterHeartbeat,
    StoreSnapshotRepository,

    ArchiveRepository,
    FoldRepository,
    ChunkRepository,
    ...archiveMetricsProviders,
    Fold,
    Consolidation,
    PartitionKeeping,
    FutureArrivalsRepository,
    FutureArrivals,
    ArchiveSchedule,
    RemovedSamplesRepository,
    RemovedSamplesSweeper,

    LiveValues,
    OwnMetrics,
    ExpositionPage,
    SharedPages,

    ...ingestionMetricsProviders,
    SeriesResolver,
    HistogramFamilies,
    IngestionService,
    IdempotentIngestion,

    MetricBatchPipe,
    CustomMetricsService,
    IngestShortPath,
    PushGroupRepository,
    PushGroups,
    PrometheusPushService,
    PushgatewayService,
    OtlpService,
    RefusalLog,
    SdkMetricsService,
    UnleashUpstream,
    MetricDeclarationsService,
    MetricRemovalService,
    SeriesSelection,
    ...historyProviders,
    ...prometheusApiProviders,
  ],
  exports: [
    OpenRequests,
    ApiTokensService,
    FirstTokensService,
    Catalog,
    SampleLog,
    ExpositionPage,
    IngestionService,
    IngestShortPath,
    CUSTOM_METRICS_DATA_SOURCE,
    PeerLag,
  ],
})
export class CustomMetricsModule extends ConfigurableModuleClass implements NestModule, OnModuleInit {
  constructor(
    @Inject(CUSTOM_METRICS_DATA_SOURCE) private readonly dataSource: DataSource,
    private readonly firstTokens: FirstTokensService,
    private readonly databaseWatch: DatabaseWatch,
    private readonly background: AllBackgroundWork,
  ) {
    super();
  }

  configure(consumer: MiddlewareConsumer): void {
    consumer.apply(RequestMetricsMiddleware).forRoutes(...controllers);
    consumer.apply(FrontendCorsMiddleware).forRoutes(FrontendSdkController);
  }

  /** Everything is known before the first request: a push finds its series, and a scrape shows what it showed before. */
  async onModuleInit(): Promise<void> {
    surviveConnectionErrors(this.dataSource);
    await this.firstTokens.createIfNone();
    await this.databaseWatch.open();
    this.background.start();
  }
}
