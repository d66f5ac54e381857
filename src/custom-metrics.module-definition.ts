import { ConfigurableModuleBuilder, type DynamicModule, type FactoryProvider, Module } from '@nestjs/common';
import { getDataSourceToken } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import {
  completeOptions,
  CUSTOM_METRICS_OPTIONS,
  type CustomMetricsModuleOptions,
  type CustomMetricsOptions,
} from './custom-metrics.options.js';
import { boundDataSource } from './database/connections/bounded-data-source.js';
import { CUSTOM_METRICS_DATA_SOURCE, CUSTOM_METRICS_HISTORY_DATA_SOURCE } from './database/data-source.token.js';

/** Which of the host's TypeORM connections the module works on. */
interface DataSourceNames {
  /** The host's default one unless said. */
  readonly dataSource?: string;
  /** Where the history reads samples, for instance a streaming replica; the same as `dataSource` unless said. */
  readonly historyDataSource?: string;
}

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN, OPTIONS_TYPE, ASYNC_OPTIONS_TYPE } =
  new ConfigurableModuleBuilder<CustomMetricsModuleOptions>()
    .setClassMethodName('forRoot')
    // The names of the DataSources decide providers and so have to be known at once: they are extras beside the options.
    // They are named here so that Nest takes them out of the options, where they would be unknown names.
    .setExtras<DataSourceNames>({ dataSource: undefined, historyDataSource: undefined }, addSharedProviders)
    .build();

/** The options of `CustomMetricsModule.forRoot`. */
export type CustomMetricsForRootOptions = typeof OPTIONS_TYPE;

/** The options of `CustomMetricsModule.forRootAsync`. */
export type CustomMetricsForRootAsyncOptions = typeof ASYNC_OPTIONS_TYPE;

/**
 * Makes the options and the DataSources known to every room. It is global so that no room has to pass them on; their injection
 * tokens are symbols of ours, so nothing of a host can clash with them.
 */
@Module({})
export class CustomMetricsCoreModule extends ConfigurableModuleClass {}

function addSharedProviders(
  definition: DynamicModule,
  { dataSource, historyDataSource = dataSource }: DataSourceNames,
): DynamicModule {
  return {
    ...definition,
    global: true,
    providers: [
      ...(definition.providers ?? []),
      {
        provide: CUSTOM_METRICS_OPTIONS,
        inject: [MODULE_OPTIONS_TOKEN],
        useFactory: (given: CustomMetricsModuleOptions) => completeOptions(given),
      },
      boundedProvider(CUSTOM_METRICS_DATA_SOURCE, dataSource),
      boundedProvider(CUSTOM_METRICS_HISTORY_DATA_SOURCE, historyDataSource),
    ],
    exports: [CUSTOM_METRICS_OPTIONS, CUSTOM_METRICS_DATA_SOURCE, CUSTOM_METRICS_HISTORY_DATA_SOURCE],
  };
}

/** Nobody waits less than a second for Postgres, however short the time is that a push is held. */
const SHORTEST_STATEMENT_MS = 1_000;

function boundedProvider(provide: symbol, name: string | undefined): FactoryProvider<DataSource> {
  return {
    provide,
    inject: [getDataSourceToken(name), CUSTOM_METRICS_OPTIONS],
    useFactory: (dataSource: DataSource, { store }: CustomMetricsOptions) =>
      boundDataSource(dataSource, Math.max(store.waitMs, SHORTEST_STATEMENT_MS)),
  };
}
