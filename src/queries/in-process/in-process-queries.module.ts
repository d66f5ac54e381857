import { Module } from '@nestjs/common';
import { HistoryQueriesModule } from '../history/history-queries.module.js';
import { PrometheusQueriesModule } from '../prometheus-api/prometheus-queries.module.js';
import { CustomMetricsHistory } from './custom-metrics-history.js';

/** Answers queries of the app's own code. */
@Module({
  imports: [HistoryQueriesModule, PrometheusQueriesModule],
  providers: [CustomMetricsHistory],
  exports: [CustomMetricsHistory],
})
export class InProcessQueriesModule {}
