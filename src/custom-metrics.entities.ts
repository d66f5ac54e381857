import { ApiTokenEntity } from './api-tokens/api-token.entity.js';
import { MetricEntity } from './catalog/metric/metric.entity.js';
import { SeriesEntity } from './catalog/series/series.entity.js';
import { PushGroupSeriesEntity } from './receivers/prometheus-push/push-groups/push-group-series.entity.js';
import { SampleChunkEntity } from './sample-store/archive/chunk/sample-chunk.entity.js';
import { IngestReceiptEntity } from './sample-store/receipts/ingest-receipt.entity.js';
import { SampleBatchEntity } from './sample-store/log/sample-batch.entity.js';
import { SampleWriterEntity } from './sample-store/log/sample-writer.entity.js';

/** The entities for the host's DataSource, as a list, because a glob depends on the working directory and the module loader. */
export const CUSTOM_METRICS_ENTITIES = [
  ApiTokenEntity,
  MetricEntity,
  SeriesEntity,
  SampleWriterEntity,
  SampleBatchEntity,
  SampleChunkEntity,
  IngestReceiptEntity,
  PushGroupSeriesEntity,
];
