import {
  type CanActivate,
  ConfigurableModuleBuilder,
  type DynamicModule,
  type FactoryProvider,
  Module,
  type ModuleMetadata,
  type Type,
} from '@nestjs/common';
import { getDataSourceToken } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import {
  completeOptions,
  CUSTOM_METRICS_OPTIONS,
  type CustomMetricsModuleOptions,
  type CustomMetricsOptions,
} from './custom-metrics.options.js';
import { checkSchemaName } from './custom-metrics.data-source.js';
import { CUSTOM_METRICS_ENTITIES } from './custom-metrics.entities.js';
import { CUSTOM_METRICS_MIGRATIONS } from './custom-metrics.migrations.js';
import { usableWait } from './database/store-wait.js';
import type { CustomMetricsExplorer, CustomMetricsRoutes } from './custom-metrics.routes.js';
import { boundDataSource } from './database/connections/bounded-data-source.js';
import { CUSTOM_METRICS_DATA_SOURCE, CUSTOM_METRICS_HISTORY_DATA_SOURCE } from './database/data-source.token.js';
import { DatabaseSchema } from './database/schema/database-schema.js';
import { checkHistorySchema, openSchema } from './database/schema/open-schema.js';

/** The properties of the host's database that the module must know when it is imported. */
interface DatabaseExtras {
  /** The name of the DataSource for everything; the default is the host's default DataSource. */
  readonly dataSource?: string;
  /** The name of the DataSource for reading history, for instance that of a streaming replica; the default is `dataSource`. */
  readonly historyDataSource?: string;
  /**
   * The schema for our tables in the database of `dataSource`; the default is `custom_metrics`. A DataSource from
   * `customMetricsDataSource` already has a schema, so this option must be missing or name that schema.
   */
  readonly schema?: string;
  /**
   * Whether the module creates and migrates its schema at the start. If it is false, `migrateCustomMetrics` must have run before
   * the start. The default is true.
   */
  readonly migrationsRun?: boolean;
}

/** The host's choices about its routes. */
interface RouteExtras {
  /** The routes that are mounted; all of them by default. */
  readonly routes?: CustomMetricsRoutes;
  /**
   * The explorer, a page on which people look at their metrics, and the path at which it is mounted. By default, there is none.
   */
  readonly explorer?: false | CustomMetricsExplorer;
  /**
   * The host's own authorization in place of API tokens: a guard that sets `request.customMetricsSender`, a {@link
   * MetricsSender}. Its dependencies must be global, or exported by a module in `imports`.
   */
  readonly guard?: Type<CanActivate>;
  /**
   * Decorators for every controller, such as `Public()` or `SkipThrottle()`, that tell global guards of the host to let its
   * requests through.
   */
  readonly decorators?: readonly ClassDecorator[];
  /** Modules that export the dependencies of `guard` and of guards among the `decorators`. */
  readonly imports?: ModuleMetadata['imports'];
  /** Makes `CustomMetrics` and the other exports injectable everywhere, without importing the module. */
  readonly isGlobal?: boolean;
}

const NO_DATABASE_EXTRAS: DatabaseExtras = {
  dataSource: undefined,
  historyDataSource: undefined,
  schema: undefined,
  migrationsRun: undefined,
};

const NO_ROUTE_EXTRAS: RouteExtras = {
  routes: undefined,
  explorer: undefined,
  guard: undefined,
  decorators: undefined,
  imports: undefined,
  isGlobal: undefined,
};

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN, OPTIONS_TYPE, ASYNC_OPTIONS_TYPE } =
  new ConfigurableModuleBuilder<CustomMetricsModuleOptions>()
    .setClassMethodName('forRoot')
    // These extras determine providers and controllers, so they must be known synchronously and can't come from the factory of
    // `forRootAsync`. Nest removes extras from the options, so `completeOptions` does not refuse them as unknown.
    .setExtras<DatabaseExtras & RouteExtras>({ ...NO_DATABASE_EXTRAS, ...NO_ROUTE_EXTRAS }, addSharedProviders)
    .build();

/** The options of `CustomMetricsModule.forRoot`. */
export type CustomMetricsForRootOptions = typeof OPTIONS_TYPE;

/** The options of `CustomMetricsModule.forRootAsync`. */
export type CustomMetricsForRootAsyncOptions = typeof ASYNC_OPTIONS_TYPE;

/**
 * Provides the options and the DataSources to every feature module. The module is global, so that no other module has to pass
 * them on. The injection tokens are our own symbols, so they can't clash with those of a host.
 */
@Module({})
export class CustomMetricsCoreModule extends ConfigurableModuleClass {}

function addSharedProviders(
  definition: DynamicModule,
  { dataSource, historyDataSource = dataSource, schema, migrationsRun = true }: DatabaseExtras,
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
      schemaProvider({ dataSource, historyDataSource, schema, migrationsRun }),
      boundedProvider(CUSTOM_METRICS_DATA_SOURCE, dataSource),
      // The reader of history compares the two DataSources. If they were two wrappers of one DataSource, it would treat its own
      // database as a replica and check it on each query.
      historyDataSource === dataSource
        ? { provide: CUSTOM_METRICS_HISTORY_DATA_SOURCE, useExisting: CUSTOM_METRICS_DATA_SOURCE }
        : boundedProvider(CUSTOM_METRICS_HISTORY_DATA_SOURCE, historyDataSource),
    ],
    exports: [CUSTOM_METRICS_OPTIONS, DatabaseSchema, CUSTOM_METRICS_DATA_SOURCE, CUSTOM_METRICS_HISTORY_DATA_SOURCE],
  };
}

/**
 * Makes sure that our tables exist before any data is read from them. The factory does not use the options. They are injected so
 * that invalid ones are refused before the database is changed.
 */
function schemaProvider(given: DatabaseExtras & { readonly migrationsRun: boolean }): FactoryProvider<DatabaseSchema> {
  const { dataSource: name, historyDataSource: historyName, schema, migrationsRun } = given;
  return {
    provide: DatabaseSchema,
    inject: [getDataSourceToken(name), getDataSourceToken(historyName), CUSTOM_METRICS_OPTIONS],
    useFactory: async (dataSource: DataSource, history: DataSource) => {
      const ofHost = schema === undefined ? undefined : checkSchemaName(schema);
      const host = { dataSource, name: name ?? 'default', schema: ofHost, migrationsRun };
      const contents = { entities: CUSTOM_METRICS_ENTITIES, migrations: CUSTOM_METRICS_MIGRATIONS };
      const found = await openSchema(host, contents);
      if (history !== dataSource) checkHistorySchema(history, historyName ?? 'default', found);
      return found;
    },
  };
}

function boundedProvider(provide: symbol, name: string | undefined): FactoryProvider<DataSource> {
  return {
    provide,
    inject: [getDataSourceToken(name), CUSTOM_METRICS_OPTIONS],
    useFactory: (dataSource: DataSource, { store }: CustomMetricsOptions) =>
      boundDataSource(dataSource, usableWait(store.waitMs)),
  };
}
