import { Inject, Injectable } from '@nestjs/common';
import type { ApiToken } from '../../api-tokens/api-token.js';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../custom-metrics.options.js';
import { BadDataError, IdempotencyKeyReusedError } from '../../http/answers/errors.js';
import { isLargeBody, parseJson, parseLargeJson } from '../../http/bodies/parse-json.js';
import type { IncomingSample } from '../../ingestion/incoming-sample.js';
import { IdempotentIngestion } from '../../ingestion/idempotent-ingestion.js';
import { IngestionMetrics } from '../../ingestion/ingestion.metrics.js';
import { IngestionService } from '../../ingestion/ingestion.service.js';
import type { IngestResult } from '../../ingestion/ingest-result.js';
import { RecognisedSeries } from '../../ingestion/recognition/recognised-series.js';
import { senderOf } from '../../ingestion/sender.js';
import { memoPrefixOf } from '../../ingestion/series/series-memo.js';
import { Turns } from '../../scheduling/turns.js';
import { IngestReportResponse } from './dto/ingest-report.response.js';
import type { RequestIdentity } from './idempotency-key.js';
import { ItemLearning } from './fast-path/item-learning.js';
import { KnownItems } from './fast-path/known-items.js';
import { MetricBatchPipe } from './metric-batch.pipe.js';

/** The answer to a batch that fits the schema. */
export interface IngestAnswer {
  /** The report of refused items; undefined if every item was accepted. */
  readonly report: IngestReportResponse | undefined;
  /** True if this is the answer to an earlier request with the same Idempotency-Key, and nothing was stored now. */
  readonly isReplay: boolean;
}

const TAKEN_WHOLE: IngestAnswer = { report: undefined, isReplay: false };

/** Passes batches to ingestion on behalf of their token, and converts the result to the answer. */
@Injectable()
export class CustomMetricsService {
  private readonly knownItems: KnownItems;
  private readonly learning: ItemLearning;

  constructor(
    private readonly ingestion: IngestionService,
    private readonly idempotentIngestion: IdempotentIngestion,
    private readonly pipe: MetricBatchPipe,
    private readonly metrics: IngestionMetrics,
    private readonly recognised: RecognisedSeries,
    @Inject(CUSTOM_METRICS_OPTIONS) private readonly options: CustomMetricsOptions,
  ) {
    this.knownItems = new KnownItems(recognised, options.series.nameValidation);
    this.learning = new ItemLearning(
      this.knownItems,
      recognised,
      () => this.ingestion.generation,
      () => this.metrics.setCacheBytes('items', recognised.bytes),
    );
  }

  /**
   * Stores a batch.
   *
   * @param isStrict whether a single refused item refuses the whole batch
   * @param identity the identity of a request with an Idempotency-Key
   * @returns the answer, once the batch is committed
   * @throws BadDataError if an item was refused and handling is strict; StoreUnavailableError if Postgres can't store the batch
   * now; IdempotencyKeyReusedError if an earlier request with another body had the same key
   */
  async ingest(
    samples: readonly IncomingSample[],
    token: ApiToken,
    isStrict: boolean,
    identity?: RequestIdentity,
  ): Promise<IngestAnswer> {
    if (identity !== undefined) return this.ingestOnce(samples, token, isStrict, identity);
    const receipt = await this.ingestion.ingest(samples, senderOf(token), isStrict);
    return { report: reportOf(receipt, samples.length, isStrict), isReplay: false };
  }

  /**
   * Stores the batch of a body that is not parsed yet. Items that were sent before are recognised by their bytes.
   *
   * @throws UnreadableBodyError, and the errors of {@link ingest}
   */
  async ingestBody(
    body: Buffer,
    token: ApiToken,
    isStrict: boolean,
    identity?: RequestIdentity,
  ): Promise<IngestAnswer> {
    // A batch with a key does not use the known items, because looking up the key takes a while, and they may change during that
    // time.
    if (identity !== undefined) {
      return this.ingestOnce(await this.samplesOf(body), token, isStrict, identity);
    }
    if (isLargeBody(body)) await new Turns().give();
    const sender = senderOf(token);
    const group = memoPrefixOf(sender);
    this.recognised.keepOnlyFor(this.ingestion.generation);
    const known = this.knownItems.read(body, group, this.options.ingest.maxSamples);
    if (known !== undefined) {
      await this.ingestion.ingestKnown(known.series, known.values, token.id);
      return TAKEN_WHOLE;
    }
    const samples = await this.samplesOf(body);
    const receipt = await this.ingestion.ingest(samples, sender, isStrict);
    if (receipt.refused.length === 0) this.learning.add({ body, sender: group, samples, series: receipt.series });
    return { report: reportOf(receipt, samples.length, isStrict), isReplay: false };
  }

  private async samplesOf(body: Buffer): Promise<readonly IncomingSample[]> {
    return this.pipe.transform(isLargeBody(body) ? await parseLargeJson(body) : parseJson(body));
  }

  private async ingestOnce(
    samples: readonly IncomingSample[],
    token: ApiToken,
    isStrict: boolean,
    { key, bodyHash }: RequestIdentity,
  ): Promise<IngestAnswer> {
    const outcome = await this.idempotentIngestion.ingest({
      samples,
      sender: senderOf(token),
      isStrict,
      key,
      bodyHash,
      answerOf: (receipt) => reportOf(receipt, samples.length, isStrict),
    });
    if ('receipt' in outcome) return { report: reportOf(outcome.receipt, samples.length, isStrict), isReplay: false };
    if (!outcome.isSameBody) throw new IdempotencyKeyReusedError(key);
    return { report: (outcome.earlier.answer as IngestReportResponse | null) ?? undefined, isReplay: true };
  }
}

/** @throws BadDataError if an item was refused and strict handling was preferred */
function reportOf(receipt: IngestResult, count: number, isStrict: boolean): IngestReportResponse | undefined {
  if (receipt.refused.length === 0) return undefined;
  const report = IngestReportResponse.of(receipt);
  if (!isStrict) return report;
  throw new BadDataError(
    report.rejected.map(({ index, message }) => ({ path: `/body/metrics/${index}`, message })),
    `${report.rejectedCount} of ${count} items were refused, and because of handling=strict nothing was stored.`,
  );
}
