import {
  type DynamicModule,
  type MiddlewareConsumer,
  Module,
  type NestModule,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type Type,
} from '@nestjs/common';
import { MODULE_METADATA } from '@nestjs/common/constants.js';
import { MetricDeclarationsModule } from './admin/metric-declarations/metric-declarations.module.js';
import { MetricRemovalModule } from './admin/metric-removal/metric-removal.module.js';
import { ApiTokensModule } from './api-tokens/api-tokens.module.js';
import { CatalogModule } from './catalog/catalog.module.js';
import {
  CustomMetricsCoreModule,
  type CustomMetricsForRootAsyncOptions,
  type CustomMetricsForRootOptions,
} from './custom-metrics.module-definition.js';
import { DatabaseChangeModule } from './database-change/database-change.module.js';
import { StopLimit } from './database/connections/stop-limit.js';
import { DatabaseModule } from './database/database.module.js';
import { HttpModule } from './http/http.module.js';
import { RequestMetricsMiddleware } from './http/request-metrics.middleware.js';
import { IngestionModule } from './ingestion/ingestion.module.js';
import { ExpositionModule } from './queries/exposition/exposition.module.js';
import { HistoryModule } from './queries/history/history.module.js';
import { PrometheusApiModule } from './queries/prometheus-api/prometheus-api.module.js';
import { CustomMetricsReceiverModule } from './receivers/custom-metrics/custom-metrics-receiver.module.js';
import { InProcessModule } from './receivers/in-process/in-process.module.js';
import { OtlpModule } from './receivers/otlp/otlp.module.js';
import { PrometheusPushModule } from './receivers/prometheus-push/prometheus-push.module.js';
import { UnleashSdkModule } from './receivers/unleash-sdk/unleash-sdk.module.js';
import { SampleStoreModule } from './sample-store/sample-store.module.js';
import { BackgroundLoops } from './scheduling/background-loops.js';
import { SchedulingModule } from './scheduling/scheduling.module.js';

const RECEIVERS = [CustomMetricsReceiverModule, UnleashSdkModule, OtlpModule, PrometheusPushModule, InProcessModule];
const QUERIES = [ExpositionModule, HistoryModule, PrometheusApiModule];
const ADMIN = [ApiTokensModule, MetricDeclarationsModule, MetricRemovalModule];

/**
 * Adds custom metrics to a Nest app: receives them, stores them, exposes them to Prometheus, and answers queries.
 *
 * The host provides TypeORM with our entities and migrations (`CUSTOM_METRICS_ENTITIES`, `CUSTOM_METRICS_MIGRATIONS`) and,
 * if it wants default metrics, `PrometheusModule`. The module does not affect the host: it adds no global pipes, guards or
 * filters.
 */
@Module({
  imports: [
    DatabaseModule,
    SchedulingModule,
    HttpModule,
    CatalogModule,
    SampleStoreModule,
    IngestionModule,
    DatabaseChangeModule,
    ...RECEIVERS,
    ...QUERIES,
    ...ADMIN,
  ],
  exports: [
    ApiTokensModule,
    CatalogModule,
    IngestionModule,
    SampleStoreModule,
    ExpositionModule,
    CustomMetricsReceiverModule,
    InProcessModule,
  ],
})
export class CustomMetricsModule implements NestModule, OnApplicationBootstrap, OnApplicationShutdown {
  constructor(
    private readonly stopLimit: StopLimit,
    private readonly loops: BackgroundLoops,
  ) {}

  static forRoot(options: CustomMetricsForRootOptions): DynamicModule {
    return { module: CustomMetricsModule, imports: [CustomMetricsCoreModule.forRoot(options)] };
  }

  static forRootAsync(options: CustomMetricsForRootAsyncOptions): DynamicModule {
    return { module: CustomMetricsModule, imports: [CustomMetricsCoreModule.forRootAsync(options)] };
  }

  configure(consumer: MiddlewareConsumer): void {
    consumer.apply(RequestMetricsMiddleware).forRoutes(...[...RECEIVERS, ...QUERIES, ...ADMIN].flatMap(controllersOf));
  }

  /** Starts the background loops. All feature modules have loaded their data by now. */
  onApplicationBootstrap(): void {
    this.loops.start();
  }

  /** Stops the background loops. This runs before the hooks of the feature modules, which may wait for Postgres. */
  async onApplicationShutdown(): Promise<void> {
    this.stopLimit.begin();
    await this.loops.stop();
  }
}

function controllersOf(room: Type): Type[] {
  return (Reflect.getMetadata(MODULE_METADATA.CONTROLLERS, room) as Type[] | undefined) ?? [];
}
