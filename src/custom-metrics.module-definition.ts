import { ConfigurableModuleBuilder, type FactoryProvider } from '@nestjs/common';
import { getDataSourceToken } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import {
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

/**
 * `forRoot(options)` and `forRootAsync({ useFactory, … })`. The names of the DataSources decide providers and so have to be
 * known at once: they are extras beside the options, not among them.
 */
export const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } =
  new ConfigurableModuleBuilder<CustomMetricsModuleOptions>()
    .setClassMethodName('forRoot')
    .setExtras<DataSourceNames>({}, (definition, { dataSource, historyDataSource = dataSource }) => ({
      ...definition,
      providers: [
        ...(definition.providers ?? []),
        boundedProvider(CUSTOM_METRICS_DATA_SOURCE, dataSource),
        boundedProvider(CUSTOM_METRICS_HISTORY_DATA_SOURCE, historyDataSource),
      ],
    }))
    .build();

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
