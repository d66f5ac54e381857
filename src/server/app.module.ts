import { type DynamicModule, Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { TypeOrmModule } from '@nestjs/typeorm';
import { PrometheusModule } from '@willsoto/nestjs-prometheus';
import { register } from 'prom-client';
import type { FirstTokensKeeper } from '../settings/first-tokens-keeper.js';
import { optionsOf } from '../settings/setting-values.js';
import { SETTING_GROUPS } from '../settings/setting-groups.js';
import { initialTokensOf, type Settings } from './config/settings.js';
import { CatalogModule } from '../catalog/catalog.module.js';
import { ForwardingModule } from '../forwarding/forwarding.module.js';
import { SampleStoreModule } from '../sample-store/sample-store.module.js';
import { CustomMetricsModule } from '../custom-metrics.module.js';
import type { CustomMetricsModuleOptions } from '../custom-metrics.options.js';
import { dataSourceOptions } from './database/data-source-options.js';
import { statementTimeout } from '../database/store-wait.js';
import type { DatabaseSchema } from '../database/schema/database-schema.js';
import { EntranceController, EXPLORER_PATH } from './entrance.controller.js';
import { DatabaseHealthIndicator } from './health/database.health.js';
import { HealthController } from './health/health.controller.js';
import { StoreHealthIndicator } from './health/store.health.js';
import { NoMetricsController } from './ports/no-metrics.controller.js';

/**
 * Default metrics of prom-client that violate a naming rule: the names of these gauges end in `_total`, which `promtool check
 * metrics` refuses.
 */
const MISNAMED_METRICS = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

/** The name of the second connection in Nest's list of DataSources. */
const HISTORY_DATA_SOURCE = 'history';

/** The database of the server. */
export interface ServerDatabase {
  readonly url: string;
  readonly schema: DatabaseSchema;
}

/**
 * Assembles the standalone server from the custom metrics module, the configuration, the database, the default metrics and the
 * health checks.
 */
@Module({})
export class AppModule {
  /**
   * @param database a migrated database
   * @param firstTokens stores the tokens that the first start generates
   */
  static forRoot(settings: Settings, database: ServerDatabase, firstTokens?: FirstTokensKeeper): DynamicModule {
    const prometheusModule = PrometheusModule.register({ controller: NoMetricsController });
    for (const name of MISNAMED_METRICS) register.removeSingleMetric(name);
    return {
      module: AppModule,
      imports: [
        TypeOrmModule.forRoot(
          dataSourceOptions(
            database.url,
            database.schema,
            settings.database.poolSize,
            statementTimeout(settings.store.waitMs),
          ),
        ),
        ...historyDatabase(settings, database.schema),
        prometheusModule,
        // Terminus would log each failing check of a load balancer. The indicators log only when the state changes.
        TerminusModule.forRoot({ gracefulShutdownTimeoutMs: 0, logger: false }),
        // The health checks use providers of these modules.
        CatalogModule,
        SampleStoreModule,
        ForwardingModule,
        CustomMetricsModule.forRoot({
          ...moduleOptions(settings, firstTokens),
          explorer: settings.explorer.explorer && { path: settings.explorer.path },
          // The server has already migrated the database, unless MIGRATE_ON_START forbids it.
          migrationsRun: false,
          historyDataSource: settings.history.databaseUrl === undefined ? undefined : HISTORY_DATA_SOURCE,
        }),
      ],
      controllers: [HealthController, ...(settings.explorer.explorer ? [EntranceController] : [])],
      providers: [
        { provide: EXPLORER_PATH, useValue: settings.explorer.path },
        DatabaseHealthIndicator,
        StoreHealthIndicator,
      ],
    };
  }
}

/**
 * Returns the connection for HISTORY_DATABASE_URL, if that is set. The connection is not opened at the start, because the start
 * must not depend on a replica.
 */
function historyDatabase({ database, history, store }: Settings, schema: DatabaseSchema): DynamicModule[] {
  if (history.databaseUrl === undefined) return [];
  return [
    TypeOrmModule.forRoot({
      ...dataSourceOptions(history.databaseUrl, schema, database.poolSize, statementTimeout(store.waitMs)),
      name: HISTORY_DATA_SOURCE,
      applicationName: 'custom-metrics-history',
      manualInitialization: true,
    }),
  ];
}

/** Returns the settings that are options of the module. */
function moduleOptions(settings: Settings, firstTokens: FirstTokensKeeper | undefined): CustomMetricsModuleOptions {
  const options = optionsOf(SETTING_GROUPS, settings);
  return {
    ...options,
    tokens: { ...options.tokens, seeds: initialTokensOf(settings), keeper: firstTokens },
  };
}
