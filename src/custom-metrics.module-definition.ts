import { ConfigurableModuleBuilder } from '@nestjs/common';
import { getDataSourceToken } from '@nestjs/typeorm';
import type { CustomMetricsModuleOptions } from './custom-metrics.options.js';
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
        { provide: CUSTOM_METRICS_DATA_SOURCE, useExisting: getDataSourceToken(dataSource) },
        { provide: CUSTOM_METRICS_HISTORY_DATA_SOURCE, useExisting: getDataSourceToken(historyDataSource) },
      ],
    }))
    .build();
