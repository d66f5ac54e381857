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

/** The names of the host's TypeORM DataSources that the module uses. */
interface DataSourceNames {
  /** The DataSource for everything; the default is the host's default DataSource. */
  readonly dataSource?: string;
  /** The DataSource for reading history, for instance a streaming replica; the default is `dataSource`. */
  readonly historyDataSource?: string;
}

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN, OPTIONS_TYPE, ASYNC_OPTIONS_TYPE } =
  new ConfigurableModuleBuilder<CustomMetricsModuleOptions>()
    .setClassMethodName('forRoot')
    // The DataSource names determine providers and must be known synchronously, so they are extras and not options.
    // Naming them here makes Nest remove them from the options, in which they would be unknown.
    .setExtras<DataSourceNames>({ dataSource: undefined, historyDataSource: undefined }, addSharedProviders)
    .build();

/** The options of `CustomMetricsModule.forRoot`. */
export type CustomMetricsForRootOptions = typeof OPTIONS_TYPE;

/** The options of `CustomMetricsModule.forRootAsync`. */
export type CustomMetricsForRootAsyncOptions = typeof ASYNC_OPTIONS_TYPE;

/**
 * Provides the options and the DataSources to every feature module. It is global so that no module has to pass them on. Their
 * injection tokens are our own symbols, so they can't clash with those of a host.
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

/** Lower bound of the statement timeout, however short the configured wait of a push is. */
const SHORTEST_STATEMENT_MS = 1_000;

function boundedProvider(provide: symbol, name: string | undefined): FactoryProvider<DataSource> {
  return {
    provide,
    inject: [getDataSourceToken(name), CUSTOM_METRICS_OPTIONS],
    useFactory: (dataSource: DataSource, { store }: CustomMetricsOptions) =>
      boundDataSource(dataSource, Math.max(store.waitMs, SHORTEST_STATEMENT_MS)),
  };
}
