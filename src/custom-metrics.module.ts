import {
  type DynamicModule,
  Inject,
  type MiddlewareConsumer,
  Module,
  type NestModule,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type Provider,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { ApiTokensModule } from './api-tokens/api-tokens.module.js';
import { HOST_GUARD } from './api-tokens/host-guard.js';
import { CatalogModule } from './catalog/catalog.module.js';
import {
  CustomMetricsCoreModule,
  type CustomMetricsForRootAsyncOptions,
  type CustomMetricsForRootOptions,
} from './custom-metrics.module-definition.js';
import { mountRoutes } from './custom-metrics.routes.js';
import { checkOptions, checkStaticOptions } from './custom-metrics.static-options.js';
import { DatabaseChangeModule } from './database-change/database-change.module.js';
import { StopLimit } from './database/connections/stop-limit.js';
import { DatabaseModule } from './database/database.module.js';
import { ForwardingModule } from './forwarding/forwarding.module.js';
import { MOUNTED_CONTROLLERS, type MountedControllers } from './http/mounting/mounted-controller.js';
import { HttpModule } from './http/http.module.js';
import { IngestionModule } from './ingestion/ingestion.module.js';
import { EXPLORER_OPTIONS } from './queries/explorer/explorer-options.js';
import { InProcessQueriesModule } from './queries/in-process/in-process-queries.module.js';
import { CustomMetricsReceiverModule } from './receivers/custom-metrics/custom-metrics-receiver.module.js';
import { FrontendCorsMiddleware } from './receivers/unleash-sdk/frontend-cors.middleware.js';
import { FrontendSdkController } from './receivers/unleash-sdk/frontend-sdk.controller.js';
import { InProcessModule } from './receivers/in-process/in-process.module.js';
import { RefusalsModule } from './refusals/refusals.module.js';
import { SampleStoreModule } from './sample-store/sample-store.module.js';
import { BackgroundLoops } from './scheduling/background-loops.js';
import { SchedulingModule } from './scheduling/scheduling.module.js';

/** The modules that every app has, whichever routes it mounts. */
const CORE = [
  DatabaseModule,
  SchedulingModule,
  HttpModule,
  ApiTokensModule,
  CatalogModule,
  SampleStoreModule,
  RefusalsModule,
  IngestionModule,
  DatabaseChangeModule,
  ForwardingModule,
  InProcessModule,
  InProcessQueriesModule,
];

/**
 * Adds custom metrics to a Nest app: receives them, stores them, exposes them to Prometheus, and answers queries.
 *
 * The host provides TypeORM with our entities and migrations (`CUSTOM_METRICS_ENTITIES`, `CUSTOM_METRICS_MIGRATIONS`) and, if it
 * wants default metrics, `PrometheusModule`. The module does not affect the host: it adds no global pipes, guards or filters.
 * Conversely, global pipes and interceptors of the host do not change the responses of the module's routes.
 *
 * All controllers belong to this module, so `RouterModule.register([{ path, module: CustomMetricsModule }])` gives all of them a
 * prefix.
 */
@Module({})
export class CustomMetricsModule implements NestModule, OnApplicationBootstrap, OnApplicationShutdown {
  /** @internal */
  constructor(
    private readonly stopLimit: StopLimit,
    private readonly loops: BackgroundLoops,
    @Inject(MOUNTED_CONTROLLERS) private readonly controllers: MountedControllers,
    private readonly adapterHost: HttpAdapterHost,
  ) {}

  /**
   * Creates the module from options that are already known.
   *
   * @throws InvalidOptionsError with every wrong option
   */
  static forRoot(options: CustomMetricsForRootOptions): DynamicModule {
    const checked = checkOptions(options);
    return compose(CustomMetricsCoreModule.forRoot(checked), checked);
  }

  /**
   * Creates the module from options that a factory returns. They are checked when the app starts.
   *
   * @throws InvalidOptionsError with every wrong option that does not come from the factory
   */
  static forRootAsync(options: CustomMetricsForRootAsyncOptions): DynamicModule {
    const checked = checkStaticOptions(options);
    return compose(CustomMetricsCoreModule.forRootAsync(checked), checked);
  }

  /**
   * Refuses any platform other than Express, and adds the middleware of the frontend API. Nest calls this method before it
   * registers any route.
   */
  configure(consumer: MiddlewareConsumer): void {
    const platform = this.adapterHost.httpAdapter.getType();
    if (platform !== 'express') {
      throw new Error(
        `nestjs-custom-metrics works on Express only (@nestjs/platform-express), and this app runs on ${platform}. Run the standalone ` +
          'server beside it, or create a second Nest app on Express for the metrics.',
      );
    }
    const frontend = this.controllers.get(FrontendSdkController);
    if (frontend !== undefined) consumer.apply(FrontendCorsMiddleware).forRoutes(frontend.type);
  }

  /** Starts the background loops. All feature modules have loaded their data by now. */
  onApplicationBootstrap(): void {
    this.loops.start();
  }

  /**
   * Starts the time limit after which connections are closed, and stops the background loops. This hook runs before those of the
   * feature modules, which may wait for Postgres.
   */
  async onApplicationShutdown(): Promise<void> {
    this.stopLimit.begin();
    await this.loops.stop();
  }
}

function compose(
  core: DynamicModule,
  {
    routes,
    explorer,
    guard,
    decorators,
    imports = [],
    isGlobal = false,
  }: CustomMetricsForRootOptions | CustomMetricsForRootAsyncOptions,
): DynamicModule {
  const mounted = mountRoutes({ routes, explorer, decorators, hasHostGuard: guard !== undefined });
  const modules = [...CORE, ...mounted.modules];
  const shared: Provider[] = [
    { provide: MOUNTED_CONTROLLERS, useValue: mounted.controllers },
    { provide: EXPLORER_OPTIONS, useValue: mounted.explorer ?? null },
    guard === undefined ? { provide: HOST_GUARD, useValue: null } : { provide: HOST_GUARD, useClass: guard },
  ];
  const globalCore: DynamicModule = {
    ...core,
    imports: [...new Set([...(core.imports ?? []), ...imports])],
    providers: [...(core.providers ?? []), ...shared],
    exports: [...(core.exports ?? []), MOUNTED_CONTROLLERS, HOST_GUARD, EXPLORER_OPTIONS],
  };
  return {
    module: CustomMetricsModule,
    global: isGlobal,
    imports: [globalCore, ...modules, ...imports],
    controllers: [...mounted.controllers.values()].map(({ type }) => type),
    exports: [
      ApiTokensModule,
      InProcessModule,
      InProcessQueriesModule,
      ...mounted.modules.filter((module) => module === CustomMetricsReceiverModule),
    ],
  };
}
