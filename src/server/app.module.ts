import { type DynamicModule, Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { TypeOrmModule } from '@nestjs/typeorm';
import { PrometheusModule } from '@willsoto/nestjs-prometheus';
import { register } from 'prom-client';
import type { FirstTokensKeeper } from '../settings/first-tokens-keeper.js';
import { optionsOf } from '../settings/setting-values.js';
import { SETTING_GROUPS } from '../settings/setting-groups.js';
import { initialTokensOf, type Settings } from './config/settings.js';
import { CustomMetricsModule } from '../custom-metrics.module.js';
import type { CustomMetricsModuleOptions } from '../custom-metrics.options.js';
import { dataSourceOptions } from './database/data-source-options.js';
import { DatabaseHealthIndicator } from './health/database.health.js';
import { HealthController } from './health/health.controller.js';
import { StoreHealthIndicator } from './health/store.health.js';
import { NoMetricsController } from './ports/no-metrics.controller.js';

/** Default metrics of prom-client that violate a naming rule: gauges named `_total`, which `promtool check metrics` refuses. */
const MISNAMED_METRICS = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

/** The name of the second connection in Nest's list of DataSources. */
const HISTORY_DATA_SOURCE = 'history';

/** The standalone server: the custom metrics module with configuration, database, default metrics and health checks. */
@Module({})
export class AppModule {
  /**
   * @param databaseUrl the URL of a migrated database
   * @param firstTokens receives the generated tokens
   */
  static forRoot(settings: Settings, databaseUrl: string, firstTokens?: FirstTokensKeeper): DynamicModule {
    const prometheusModule = PrometheusModule.register({ controller: NoMetricsController });
    for (const name of MISNAMED_METRICS) register.removeSingleMetric(name);
    return {
      module: AppModule,
      imports: [
        TypeOrmModule.forRoot(dataSourceOptions(databaseUrl, settings.database.poolSize, settings.store.waitMs)),
        ...historyDatabase(settings),
        prometheusModule,
        // Terminus would log each failing check of a load balancer. The indicators log only changes.
        TerminusModule.forRoot({ gracefulShutdownTimeoutMs: 0, logger: false }),
        CustomMetricsModule.forRoot({
          ...moduleOptions(settings, firstTokens),
          historyDataSource: settings.history.databaseUrl === undefined ? undefined : HISTORY_DATA_SOURCE,
        }),
      ],
      controllers: [HealthController],
      providers: [DatabaseHealthIndicator, StoreHealthIndicator],
    };
  }
}

/** The connection for HISTORY_DATABASE_URL. It is not opened at the start, because the start must not depend on a replica. */
function historyDatabase({ database, history, store }: Settings): DynamicModule[] {
  if (history.databaseUrl === undefined) return [];
  return [
    TypeOrmModule.forRoot({
      ...dataSourceOptions(history.databaseUrl, database.poolSize, store.waitMs),
      name: HISTORY_DATA_SOURCE,
      applicationName: 'custom-metrics-history',
      manualInitialization: true,
    }),
  ];
}

/** The settings that are options of the module. */
function moduleOptions(settings: Settings, firstTokens: FirstTokensKeeper | undefined): CustomMetricsModuleOptions {
  const options = optionsOf(SETTING_GROUPS, settings);
  return {
    ...options,
    tokens: { ...options.tokens, seeds: initialTokensOf(settings), keeper: firstTokens },
  };
}
