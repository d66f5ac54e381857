import { ApiTokenEntity } from './api-tokens/api-token.entity.js';
import { ExplorerSessionEntity } from './api-tokens/sessions/explorer-session.entity.js';
import { TokenUsageEntity } from './api-tokens/usage/token-usage.entity.js';
import { MetricEntity } from './catalog/metric/metric.entity.js';
import { MetricRenameEntity } from './catalog/renaming/metric-rename.entity.js';
import { SeriesEntity } from './catalog/series/series.entity.js';
import { ForwardingSourceEntity } from './forwarding/circle/forwarding-source.entity.js';
import { ForwardingEntity } from './forwarding/position/forwarding.entity.js';
import { ForwardingCorrectionEntity } from './forwarding/position/forwarding-correction.entity.js';
import { ForwardingPositionEntity } from './forwarding/position/forwarding-position.entity.js';
import { ForwardingRowEntity } from './forwarding/position/forwarding-row.entity.js';
import { ForwardingTotalEntity } from './forwarding/samples/forwarding-total.entity.js';
import { PushGroupSeriesEntity } from './receivers/prometheus-push/push-groups/push-group-series.entity.js';
import { SampleChunkEntity } from './sample-store/archive/chunk/sample-chunk.entity.js';
import {
  FreshSampleBlockEntity,
  MergedSampleBlockEntity,
  WaitingSampleBlockEntity,
} from './sample-store/archive/stored-blocks/sample-block.entity.js';
import { SampleMergeEntity } from './sample-store/archive/turns/sample-merge.entity.js';
import { CorrectionEntity } from './sample-store/corrections/correction.entity.js';
import { RefusalEntity } from './refusals/refusal.entity.js';
import { IngestReceiptEntity } from './sample-store/receipts/ingest-receipt.entity.js';
import { SampleBatchEntity } from './sample-store/log/sample-batch.entity.js';
import { SampleWriterEntity } from './sample-store/log/sample-writer.entity.js';

/**
 * The entities for the host's DataSource. They are listed one by one, because a glob would depend on the working directory and
 * the module loader.
 *
 * The option `synchronize` of the host does not create their tables, because TypeORM can create neither our functions nor our
 * partitions, and the schema would be incomplete. The migrations create the tables.
 */
export const CUSTOM_METRICS_ENTITIES = [
  ApiTokenEntity,
  ExplorerSessionEntity,
  MetricEntity,
  MetricRenameEntity,
  SeriesEntity,
  SampleWriterEntity,
  SampleBatchEntity,
  SampleChunkEntity,
  FreshSampleBlockEntity,
  WaitingSampleBlockEntity,
  MergedSampleBlockEntity,
  SampleMergeEntity,
  IngestReceiptEntity,
  PushGroupSeriesEntity,
  CorrectionEntity,
  RefusalEntity,
  TokenUsageEntity,
  ForwardingEntity,
  ForwardingCorrectionEntity,
  ForwardingPositionEntity,
  ForwardingRowEntity,
  ForwardingSourceEntity,
  ForwardingTotalEntity,
];
