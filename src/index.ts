export { CustomMetricsModule } from './custom-metrics.module.js';
export type { CustomMetricsModuleOptions, CustomMetricsOptions, TokenSeed } from './custom-metrics.options.js';
export type { CustomMetricsExplorer, CustomMetricsRoutes } from './custom-metrics.routes.js';
export type { MetricsSender, RequestWithMetricsSender } from './api-tokens/host-guard.js';
export { CustomMetrics } from './receivers/in-process/custom-metrics.js';
export { CustomMetricsStub, type RecordedValue } from './receivers/in-process/custom-metrics.stub.js';
export type {
  CounterInstrument,
  GaugeInstrument,
  HistogramInstrument,
  HistogramOptions,
  InstrumentOptions,
  Instruments,
} from './receivers/in-process/instruments.js';
export type { InstrumentLabels } from './receivers/in-process/instrument-labels.js';
export type { PushedItem, PushResult, RejectedItem } from './receivers/in-process/pushed-items.js';
export { IngestShortPath } from './receivers/custom-metrics/fast-path/ingest-short-path.js';
export {
  customMetricsDataSource,
  type CustomMetricsDataSource,
  type CustomMetricsDataSourceOptions,
  migrateCustomMetrics,
} from './custom-metrics.data-source.js';
export { DatabaseSetupError } from './database/schema/database-setup.error.js';
export { CUSTOM_METRICS_ENTITIES } from './custom-metrics.entities.js';
export { CUSTOM_METRICS_MIGRATIONS } from './custom-metrics.migrations.js';
export { ApiTokensService, type CreatedToken } from './api-tokens/api-tokens.service.js';
export { FirstTokensService } from './api-tokens/first-tokens.js';
export type { FirstTokens, FirstTokensKeeper } from './settings/first-tokens-keeper.js';
export type { ApiToken, NewApiToken, Scope } from './api-tokens/api-token.js';
export { CustomMetricsHistory } from './queries/in-process/custom-metrics-history.js';
export { HistoryError, type HistoryErrorReason } from './queries/in-process/history-error.js';
export type {
  BreakdownRequest,
  HistoryTime,
  LabelSelection,
  LabelsRequest,
  LabelValuesRequest,
  MetricsRequest,
  PointsRequest,
  PromqlInstantRequest,
  PromqlRangeRequest,
  PromqlTime,
  RequestControl,
  SamplesCsvRequest,
  SamplesRequest,
  SeriesRequest,
  SparklinesRequest,
} from './queries/in-process/history-requests.js';
export type { PromqlAnswer, PromqlLabels, PromqlPoint, PromqlResult } from './queries/in-process/promql-answer.js';
export type { Aggregate } from './queries/history/aggregates/aggregate.js';
export type {
  ListedMetricResponse as ListedMetric,
  MetricsResponse as MetricsPage,
} from './queries/history/dto/metrics.response.js';
export type {
  ListedSeriesResponse as ListedSeries,
  SeriesResponse as SeriesPage,
} from './queries/history/dto/series.response.js';
export type {
  LabelsResponse as LabelsPage,
  LabelValuesResponse as LabelValuesPage,
  ListedLabelResponse as ListedLabel,
  ListedValueResponse as ListedLabelValue,
} from './queries/history/labels/labels.response.js';
export type {
  BreakdownResponse as Breakdown,
  BrokenDownLabelResponse as BrokenDownLabel,
  BrokenDownValueResponse as BrokenDownValue,
} from './queries/history/breakdown/breakdown.response.js';
export type {
  SparklineResponse as Sparkline,
  SparklinesResponse as Sparklines,
} from './queries/history/sparklines/sparklines.response.js';
export type {
  SampleResponse as ListedSample,
  SamplesResponse as SamplesPage,
} from './queries/history/dto/samples.response.js';
export type {
  LineResponse as Line,
  PointResponse as Point,
  RangeQueryResponse as PointsAnswer,
} from './queries/history/dto/range-query.response.js';
export type { RefusalReason } from './catalog/refusal.js';
export { StoreUnavailableError } from './database/store-unavailable.error.js';
export { InvalidOptionsError, type OptionProblem } from './settings/invalid-options.error.js';
