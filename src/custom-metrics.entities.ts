import { ApiTokenEntity } from './api-tokens/api-token.entity.js';
import { MetricEntity } from './catalog/metric.entity.js';
import { SeriesEntity } from './catalog/series.entity.js';
import { PushGroupSeriesEntity } from './push-groups/push-group-series.entity.js';
import { SampleChunkEntity } from './sample-store/archive/sample-chunk.entity.js';
import { IngestReceiptEntity } from './sample-store/ingest-receipt.entity.js';
import { SampleBatchEntity } from './sample-store/sample-batch.entity.js';
import { SampleWriterEntity } from './sample-store/sample-writer.entity.js';

/** For the host's DataSource. A list, not a glob: a glob depends on the working directory and on how modules load. */
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
