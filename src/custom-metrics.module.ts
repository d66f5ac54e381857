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
import { CatalogRemoval } from './catalog/removal/catalog-removal.js';
import { Catalog } from './catalog/catalog.js';
import { catalogMetricsProviders } from './catalog/catalog.metrics.js';
import { CatalogRepository } from './catalog/catalog.repository.js';
import { CreationRepository } from './catalog/creation.repository.js';
import { RemovalRepository } from './catalog/removal/removal.repository.js';
import { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } from './custom-metrics.module-definition.js';
import {
  completeOptions,
  CUSTOM_METRICS_OPTIONS,
  type CustomMetricsModuleOptions,
  type CustomMetricsOptions,
} from './custom-metrics.options.js';
import { CustomMetricsController } from './receivers/custom-metrics/custom-metrics.controller.js';
import { CustomMetricsService } from './receivers/custom-metrics/custom-metrics.service.js';
import { IngestShortPath } from './receivers/custom-metrics/fast-path/ingest-short-path.js';
import { MetricBatchPipe } from './receivers/custom-metrics/metric-batch.pipe.js';
import { backgroundMetricsProviders } from './scheduling/background.metrics.js';
import { surviveConnectionErrors } from './database/connections/connection-pool.js';
import { CUSTOM_METRICS_DATA_SOURCE } from './database/data-source.token.js';
import { DatabaseClock } from './database/database-clock.js';
import { databaseMetricsProviders } from './database/database.metrics.js';
import { KnownDatabase } from './database/known-database.js';
import { StopLimit } from './database/connections/stop-limit.js';
import { DatabaseLookRepository } from './database-change/database-look.repository.js';
import { DatabasePlaceRepository } from './database-change/database-place.repository.js';
import { DatabaseWatch } from './database-change/database-watch.js';
import { ExpositionPage } from './queries/exposition/exposition-page.js';
import { LiveValues } from './live-values/live-values.js';
import { MetricsController } from './queries/exposition/metrics.controller.js';
import { OwnMetrics } from './catalog/metric/own-metrics.js';
import { SharedPages } from './queries/exposition/shared-pages.js';
import { HistoryController } from './queries/history/history.controller.js';
import { historyProviders } from './queries/history/history.providers.js';
import { UnleashListingController } from './queries/history/listing/unleash-listing.controller.js';
import { BodyBudget } from './http/bodies/body-budget.js';
import { BodyReader } from './http/bodies/body-reader.js';
import { RateLimiter } from './api-tokens/rate-limiter.js';
import { RequestMetricsMiddleware, requestMetricsProviders } from './http/request-metrics.middleware.js';
import { ingestionMetricsProviders } from './ingestion/ingestion.metrics.js';
import { IdempotentIngestion } from './ingestion/idempotent-ingestion.js';
import { HistogramFamilies } from './ingestion/histograms/histogram-families.js';
import { IngestionService } from './ingestion/ingestion.service.js';
import { SeriesResolver } from './ingestion/series/series-resolver.js';
import { MetricDeclarationsController } from './admin/metric-declarations/metric-declarations.controller.js';
import { MetricDeclarationsService } from './admin/metric-declarations/metric-declarations.service.js';
import { MetricRemovalController } from './admin/metric-removal/metric-removal.controller.js';
import { MetricRemovalService } from './admin/metric-removal/metric-removal.service.js';
import { CatalogListingController } from './queries/prometheus-api/catalog-listing.controller.js';
import { ExpressionController } from './queries/prometheus-api/expression.controller.js';
import { prometheusApiProviders } from './queries/prometheus-api/prometheus-api.providers.js';
import { QueryController } from './queries/prometheus-api/query.controller.js';
import { RemoteReadController } from './queries/prometheus-api/remote-read/remote-read.controller.js';
import { StatusController } from './queries/prometheus-api/status.controller.js';
import { PrometheusPushController } from './receivers/prometheus-push/prometheus-push.controller.js';
import { PrometheusPushService } from './receivers/prometheus-push/prometheus-push.service.js';
import { PushgatewayController } from './receivers/prometheus-push/pushgateway.controller.js';
import { PushgatewayService } from './receivers/prometheus-push/pushgateway.service.js';
import { PushGroupRepository } from './receivers/prometheus-push/push-groups/push-group.repository.js';
import { PushGroups } from './receivers/prometheus-push/push-groups/push-groups.js';
import { OtlpController } from './receivers/otlp/otlp.controller.js';
import { OtlpService } from './receivers/otlp/otlp.service.js';
import { archiveMetricsProviders } from './sample-store/archive/archive.metrics.js';
import { ArchiveRepository } from './sample-store/archive/archive.repository.js';
import { ArchiveSchedule } from './sample-store/archive/archive-schedule.js';
import { ChunkRepository } from './sample-store/archive/chunk/chunk.repository.js';
import { Consolidation } from './sample-store/archive/consolidation.js';
import { FoldRepository } from './sample-store/archive/fold.repository.js';
import { Fold } from './sample-store/archive/fold.js';
import { FutureArrivalsRepository } from './sample-store/archive/retention/future-arrivals.repository.js';
import { FutureArrivals } from './sample-store/archive/retention/future-arrivals.js';
import { PartitionKeeping } from './sample-store/archive/retention/partition-keeping.js';
import { diskUsageProviders } from './sample-store/disk-usage.js';
import { HistorySnapshots } from './sample-store/reading/history-snapshot.repository.js';
import { IngestReceiptRepository } from './sample-store/receipts/ingest-receipt.repository.js';
import { IngestReceiptSweeper } from './sample-store/receipts/ingest-receipt-sweeper.js';
import { LiveValuesLoader } from './sample-store/reading/live-values-loader.js';
import { LogApplier } from './sample-store/log/log-applier.js';
import { LogRepository } from './sample-store/log/log.repository.js';
import { RemovedSamplesRepository } from './sample-store/removal/removed-samples.repository.js';
import { RemovedSamplesSweeper } from './sample-store/removal/removed-samples-sweeper.js';
import { PeerLag, peerLagProviders } from './sample-store/peers/peer-lag.js';
import { ReplicaFollower } from './sample-store/peers/replica-follower.js';
import { SampleBatchRepository } from './sample-store/log/sample-batch.repository.js';
import { GroupCommitter } from './sample-store/log/group-committer.js';
import { SampleLog } from './sample-store/log/sample-log.js';
import { SampleReader } from './sample-store/reading/sample-reader.js';
import { sampleStoreMetricsProviders } from './sample-store/sample-store.metrics.js';
import { StoreSnapshotRepository } from './sample-store/reading/store-snapshot.repository.js';
import { WriterHeartbeat } from './sample-store/peers/writer-heartbeat.js';
import { ClientSdkController } from './receivers/unleash-sdk/client-sdk.controller.js';
import { FrontendCorsMiddleware } from './receivers/unleash-sdk/frontend-cors.middleware.js';
import { FrontendSdkController } from './receivers/unleash-sdk/frontend-sdk.controller.js';
import { RefusalLog } from './receivers/unleash-sdk/refusal-log.js';
import { SdkMetricsService } from './receivers/unleash-sdk/sdk-metrics.service.js';
import { UnleashUpstream } from './receivers/unleash-sdk/unleash-upstream.js';
import { SeriesSelection } from './queries/selection/series-selection.js';

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
