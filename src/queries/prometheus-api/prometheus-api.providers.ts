import type { Provider } from '@nestjs/common';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../custom-metrics.options.js';
import { CatalogListingService } from './catalog-listing.service.js';
import { prometheusApiMetricsProviders } from './prometheus-api.metrics.js';
import { QueryGate } from './query-gate.js';
import { QueryService } from './query.service.js';
import { RemoteReadService } from './remote-read/remote-read.service.js';
import { SelectionReader } from './selection-reader.js';
import { SeriesFinder } from './series-finder.js';
import { EvaluationPool } from './worker/evaluation-pool.js';

/** What stands behind the controllers of Prometheus' API. */
export const prometheusApiProviders: Provider[] = [
  ...prometheusApiMetricsProviders,
  SeriesFinder,
  CatalogListingService,
  SelectionReader,
  {
    provide: QueryGate,
    inject: [CUSTOM_METRICS_OPTIONS],
    useFactory: ({ promql }: CustomMetricsOptions) => new QueryGate(promql.workers, promql.queriesPerToken),
  },
  EvaluationPool,
  QueryService,
  RemoteReadService,
];
