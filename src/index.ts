export { CustomMetricsModule } from './custom-metrics.module.js';
export type { CustomMetricsModuleOptions, CustomMetricsOptions, TokenSeed } from './custom-metrics.options.js';
export { CustomMetrics } from './receivers/in-process/custom-metrics.js';
export { CustomMetricsStub, type RecordedValue } from './receivers/in-process/custom-metrics.stub.js';
export type {
  CounterInstrument,
  GaugeInstrument,
  HistogramInstrument,
  HistogramOptions,
  InstrumentLabels,
  InstrumentOptions,
  Instruments,
} from './receivers/in-process/instruments.js';
export { IngestShortPath } from './receivers/custom-metrics/fast-path/ingest-short-path.js';
export { CUSTOM_METRICS_ENTITIES } from './custom-metrics.entities.js';
export { CUSTOM_METRICS_MIGRATIONS } from './custom-metrics.migrations.js';
export { ApiTokensService, type CreatedToken } from './api-tokens/api-tokens.service.js';
export { FirstTokensService } from './api-tokens/first-tokens.js';
export type { FirstTokens, FirstTokensKeeper } from './settings/first-tokens-keeper.js';
export type { ApiToken, NewApiToken, Scope } from './api-tokens/api-token.js';
export { IngestionService } from './ingestion/ingestion.service.js';
export type {
  IngestResult,
  /** @deprecated The name of {@link IngestResult} until 0.1; the next version removes it. */
  IngestResult as IngestReceipt,
  RefusedItem,
} from './ingestion/ingest-result.js';
export type { IncomingHistogram } from './ingestion/histograms/incoming-histogram.js';
export type { IncomingLabelValue, IncomingSample } from './ingestion/incoming-sample.js';
export type { Sender } from './ingestion/sender.js';
export { Refusal, type RefusalReason } from './catalog/refusal.js';
export { StoreUnavailableError } from './database/store-unavailable.error.js';
export { InvalidOptionsError, type OptionProblem } from './settings/invalid-options.error.js';
