import { Module } from '@nestjs/common';
import { CatalogModule } from '../../catalog/catalog.module.js';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../custom-metrics.options.js';
import { DatabaseModule } from '../../database/database.module.js';
import { LiveValuesModule } from '../../live-values/live-values.module.js';
import { SampleStoreModule } from '../../sample-store/sample-store.module.js';
import { CatalogListingService } from './listing/catalog-listing.service.js';
import { ExpressionMemo } from './expression-memo.js';
import { prometheusApiMetricsProviders } from './prometheus-api.metrics.js';
import { QueryLimiter } from './query-limiter.js';
import { QueryService } from './query.service.js';
import { RemoteReadService } from './remote-read/remote-read.service.js';
import { SelectionReader } from './selection-reader.js';
import { SelectionModule } from '../selection/selection.module.js';
import { SeriesFinder } from './listing/series-finder.js';
import { TsdbStatusService } from './listing/tsdb-status.service.js';
import { VisibleSeries } from './listing/visible-series.js';
import { EvaluationPool } from './worker/evaluation-pool.js';

const QUERIES = [QueryService, CatalogListingService, TsdbStatusService, RemoteReadService];

/** Evaluates PromQL, for the routes of Prometheus' API and for the code of an app. */
@Module({
  imports: [DatabaseModule, CatalogModule, LiveValuesModule, SampleStoreModule, SelectionModule],
  providers: [
    SeriesFinder,
    VisibleSeries,
    SelectionReader,
    ExpressionMemo,
    {
      provide: QueryLimiter,
      inject: [CUSTOM_METRICS_OPTIONS],
      useFactory: ({ promql }: CustomMetricsOptions) => new QueryLimiter(promql.workers, promql.queriesPerToken),
    },
    EvaluationPool,
    ...prometheusApiMetricsProviders,
    ...QUERIES,
  ],
  exports: QUERIES,
})
export class PrometheusQueriesModule {}
