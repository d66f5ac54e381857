import { ConfigurableModuleBuilder } from '@nestjs/common';
import { getDataSourceToken } from '@nestjs/typeorm';
import type { CustomMetricsModuleOptions } from './custom-metrics.options.js';
import { CUSTOM_METRICS_DATA_SOURCE } from './database/data-source.token.js';

/**
 * `forRoot(options)` and `forRootAsync({ useFactory, … })`. The name of the DataSource decides a provider and so has to be
 * known at once: it is an extra beside the options, not one of them.
 */
export const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } =
  new ConfigurableModuleBuilder<CustomMetricsModuleOptions>()
    .setClassMethodName('forRoot')
    .setExtras<{ dataSource?: string }>({}, (definition, { dataSource }) => ({
      ...definition,
      providers: [
        ...(definition.providers ?? []),
        { provide: CUSTOM_METRICS_DATA_SOURCE, useExisting: getDataSourceToken(dataSource) },
      ],
    }))
    .build();
