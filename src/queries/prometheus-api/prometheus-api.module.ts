import { Module } from '@nestjs/common';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../custom-metrics.options.js';
import { ApiTokensModule } from '../../api-tokens/api-tokens.module.js';
import { CatalogModule } from '../../catalog/catalog.module.js';
import { DatabaseModule } from '../../database/database.module.js';
import { HttpModule } from '../../http/http.module.js';
import { LiveValuesModule } from '../../live-values/live-values.module.js';
import { SampleStoreModule } from '../../sample-store/sample-store.module.js';
import { CatalogListingController } from './catalog-listing.controller.js';
import { CatalogListingService } from './catalog-listing.service.js';
import { ExpressionController } from './expression.controller.js';
import { prometheusApiMetricsProviders } from './prometheus-api.metrics.js';
import { QueryLimiter } from './query-limiter.js';
import { QueryController } from './query.controller.js';
import { QueryService } from './query.service.js';
import { RemoteReadController } from './remote-read/remote-read.controller.js';
import { RemoteReadService } from './remote-read/remote-read.service.js';
import { SelectionReader } from './selection-reader.js';
import { SeriesFinder } from './series-finder.js';
import { StatusController } from './status.controller.js';
import { EvaluationPool } from './worker/evaluation-pool.js';

/** Implements Prometheus' HTTP API at `/api/v1`, and `remote_read`. */
@Module({
  imports: [DatabaseModule, ApiTokensModule, HttpModule, CatalogModule, LiveValuesModule, SampleStoreModule],
  controllers: [
    QueryController,
    CatalogListingController,
    StatusController,
    ExpressionController,
    RemoteReadController,
  ],
  providers: [
    SeriesFinder,
    CatalogListingService,
    SelectionReader,
    {
      provide: QueryLimiter,
      inject: [CUSTOM_METRICS_OPTIONS],
      useFactory: ({ promql }: CustomMetricsOptions) => new QueryLimiter(promql.workers, promql.queriesPerToken),
    },
    EvaluationPool,
    QueryService,
    RemoteReadService,
    ...prometheusApiMetricsProviders,
  ],
})
export class PrometheusApiModule {}
