import { Inject, Injectable } from '@nestjs/common';
import type { ApiToken } from '../api-tokens/api-token.js';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../custom-metrics.options.js';
import { BadDataError, UnreadableBodyError } from '../http/errors.js';
import type { IncomingSample, Sender } from '../ingestion/incoming-sample.js';
import { IngestionService, type IngestReceipt } from '../ingestion/ingestion.service.js';
import { memoPrefixOf } from '../ingestion/series-memo.js';
import { IngestReportResponse } from './dto/ingest-report.response.js';
import { KnownItems } from './known-items.js';
import { MetricBatchPipe } from './metric-batch.pipe.js';

const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/** Bounds what is known to some 250 MB at the very most; usually one entry for each series. */
const KNOWN_ITEMS_GENERATION = 250_000;

/** What this front door makes of a batch: who sends it, how strict it is, and what the sender is told. */
@Injectable()
export class CustomMetricsService {
  private readonly knownItems = new KnownItems(KNOWN_ITEMS_GENERATION);

  constructor(
    private readonly ingestion: IngestionService,
    private readonly pipe: MetricBatchPipe,
    @Inject(CUSTOM_METRICS_OPTIONS) private readonly options: CustomMetricsOptions,
  ) {}

  /**
   * Stores a batch.
   *
   * @param isStrict one item that can't be taken refuses the whole batch
   * @returns once it is committed; a report if something was not taken, else nothing
   * @throws BadDataError when strict, StoreUnavailableError when Postgres can't take it now
   */
  async ingest(
    samples: readonly IncomingSample[],
    token: ApiToken,
    isStrict: boolean,
  ): Promise<IngestReportResponse | undefined> {
    return reportOf(await this.ingestion.ingest(samples, senderOf(token), isStrict), samples.length, isStrict);
  }

  /**
   * The same for a body that nobody has parsed yet: items that came before are recognised by their bytes.
   *
   * @throws UnreadableBodyError, and what {@link ingest} throws
   */
  async ingestBody(body: Buffer, token: ApiToken, isStrict: boolean): Promise<IngestReportResponse | undefined> {
    const sender = senderOf(token);
    const group = memoPrefixOf(sender);
    this.knownItems.keepFor(this.ingestion.declarations);
    const known = this.knownItems.read(body, group, this.options.limits.samplesPerRequest);
    if (known !== undefined) {
      await this.ingestion.ingestKnown(known.series, known.values);
      return undefined;
    }
    const samples = this.pipe.transform(parseJson(body));
    const receipt = await this.ingestion.ingest(samples, sender, isStrict);
    if (receipt.refused.length === 0) this.knownItems.learn(body, group, samples, receipt.series);
    return reportOf(receipt, samples.length, isStrict);
  }
}

function senderOf({ id, labels, defaultTemporality }: ApiToken): Sender {
  return { tokenId: id, labels, defaultTemporality };
}

/** @throws BadDataError if something was refused and strictness preferred */
function reportOf(receipt: IngestReceipt, count: number, isStrict: boolean): IngestReportResponse | undefined {
  if (receipt.refused.length === 0) return undefined;
  const report = IngestReportResponse.of(receipt);
  if (!isStrict) return report;
  throw new BadDataError(
    report.rejected.map(({ index, message }) => ({ path: `/body/metrics/${index}`, message })),
    `${report.rejectedCount} of ${count} items can't be taken, and handling=strict was preferred: nothing was stored.`,
  );
}

/** As body-parser does it: UTF-8, with a byte order mark or without, and no text at all stands for an empty object. */
function parseJson(body: Buffer): unknown {
  const hasMark = body.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK);
  const text = body.toString('utf8', hasMark ? BYTE_ORDER_MARK.length : 0);
  if (text === '') return {};
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UnreadableBodyError(400, error instanceof Error ? error.message : String(error));
  }
}
