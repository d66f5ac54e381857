import { Inject, Injectable } from '@nestjs/common';
import type { ApiToken } from '../../api-tokens/api-token.js';
import { Catalog } from '../../catalog/catalog.js';
import { Refusal } from '../../catalog/refusal.js';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../custom-metrics.options.js';
import { BadDataError, UnreadableBodyError } from '../../http/answers/errors.js';
import { tooLarge } from '../../http/bodies/receive-body.js';
import { isLargeBody } from '../../http/bodies/parse-json.js';
import { inflateSnappyBlock, SnappyError, SnappyTooLargeError } from '../../http/bodies/snappy-block.js';
import { DecodingMemory } from '../../ingestion/decoding-memory.js';
import { IngestionMetrics } from '../../ingestion/ingestion.metrics.js';
import { IngestionService } from '../../ingestion/ingestion.service.js';
import { RecognisedSeries } from '../../ingestion/recognition/recognised-series.js';
import { ScrapedIngestion } from '../../ingestion/recognition/scraped-ingestion.js';
import type { ScrapedSamples } from '../../ingestion/recognition/scraped-samples.js';
import { type Sender, senderOf } from '../../ingestion/sender.js';
import { memoPrefixOf } from '../../ingestion/series/series-memo.js';
import { inTurns, Turns } from '../../scheduling/turns.js';
import { FamilyMetadata } from './family-metadata.js';
import { LabelRecognition } from './label-recognition.js';
import { decodeWriteRequest } from './message/decode-write-request.js';
import { MalformedWriteError, type WriteRequest, type WriteVersion } from './message/write-request.js';
import { addsToKnownMetric } from './metadata-news.js';
import type { RemoteWriteBody } from './remote-write-body.js';
import { WriteTally } from './write-tally.js';
import { partsOf, rememberSeries } from './written-parts.js';
import { WrittenSamples } from './written-samples.js';

/** Maximum number of attempts to decode a request without a metric being renamed meanwhile. */
const MAX_ATTEMPTS = 5;

/** The size of a decoded request in sizes of its message: a series with one sample takes four bytes, or four hundred as objects. */
const DECODED_FACTOR = 100;

/** The largest size of a decoded request, because the number of its series and samples is limited. */
const MAX_DECODED_BYTES = 50 * 1024 ** 2;

/** The memory of a series, and of a sample, from when it is decoded to when it is stored. */
const SERIES_BYTES = 250;
const SAMPLE_BYTES = 350;

const NOT_STORED_KIND = new Refusal('value_invalid', 'Native histograms and exemplars are not stored.');

/**
 * Decodes remote write requests and stores their samples. The samples of series that were sent before are stored without decoding
 * their labels; see the README of this folder.
 */
@Injectable()
export class RemoteWriteService {
  private readonly families = new FamilyMetadata();
  /** Incremented when metadata adds something to a metric that exists. */
  private metadataGeneration = 0;

  constructor(
    private readonly ingestion: IngestionService,
    private readonly scrapedIngestion: ScrapedIngestion,
    private readonly recognised: RecognisedSeries,
    private readonly catalog: Catalog,
    private readonly metrics: IngestionMetrics,
    private readonly memory: DecodingMemory,
    @Inject(CUSTOM_METRICS_OPTIONS) private readonly options: CustomMetricsOptions,
  ) {}

  /**
   * Stores the valid samples of a request.
   *
   * A sender that gets no answer sends the same samples again. A repeated sample has the same time and value, so queries show it
   * once.
   *
   * @param onWritten is called with the number of samples that are committed, stale markers included, after each part of the
   * request
   * @returns the explanation of what was not written; undefined if everything was
   * @throws BadDataError or UnreadableBodyError if the request is malformed or too large, in which case nothing is stored;
   * StoreUnavailableError if Postgres can't store it now, or if too many requests wait to be decoded
   */
  write(body: RemoteWriteBody, token: ApiToken, onWritten: (samples: number) => void): Promise<string | undefined> {
    const most = Math.min(body.messageBytes * DECODED_FACTOR, MAX_DECODED_BYTES);
    return this.memory.take(most, async (decoded) => {
      const request = await this.decode(body, token);
      decoded.shrinkTo(sizeOf(request));
      return this.store(request, body.version, token, onWritten);
    });
  }

  private async store(
    request: WriteRequest,
    version: WriteVersion,
    token: ApiToken,
    onWritten: (samples: number) => void,
  ): Promise<string | undefined> {
    this.learnMetadata(request);
    // All parts share one wait for Postgres.
    const sender = senderOf(token);
    const tally = new WriteTally(onWritten);
    // Both kinds of samples wait for the same commit.
    const stored = await Promise.allSettled([
      this.storeKnown(request.known.samples, sender, tally),
      this.storeOthers(request, sender, tally),
    ]);
    for (const each of stored) if (each.status === 'rejected') throw each.reason as Error;
    const { histograms, exemplars } = request;
    if (histograms + exemplars > 0) this.metrics.countRefusedAs(NOT_STORED_KIND, histograms + exemplars, token.id);
    // Version 1.0 does not define exemplars, so an answer about them would only make senders report samples as lost.
    return tally.problem(histograms, version === '1.0' ? 0 : exemplars);
  }

  private async decode({ compressed, version }: RemoteWriteBody, token: ApiToken): Promise<WriteRequest> {
    const { maxBodyBytes } = this.options.ingest;
    try {
      if (isLargeBody(compressed)) await new Turns().next();
      const { buffer, byteOffset, length } = inflateSnappyBlock(compressed, maxBodyBytes);
      const message = Buffer.from(buffer, byteOffset, length);
      const recognition = new LabelRecognition(
        this.recognised,
        version,
        memoPrefixOf(senderOf(token)),
        () => this.ingestion.generation,
        this.scrapedIngestion.times,
      );
      for (let attempt = 1; ; attempt++) {
        const { renameCount } = this.catalog;
        const request = await inTurns(decodeWriteRequest(message, version, recognition));
        // Other work can run during the decoding. If it learns of a rename, the series that were found before have another name
        // than those found after it.
        if (renameCount === this.catalog.renameCount || attempt === MAX_ATTEMPTS) return request;
      }
    } catch (error) {
      if (error instanceof SnappyTooLargeError) throw tooLarge(maxBodyBytes, 'INGEST_MAX_BODY_BYTES');
      if (error instanceof SnappyError) {
        throw new UnreadableBodyError(400, `The body is not in Snappy's block format: ${error.message}.`);
      }
      if (error instanceof MalformedWriteError) {
        const message = `The body is not a message of remote write ${version}: ${error.message}. Nothing was stored.`;
        throw new BadDataError([{ path: '/body', message }], message);
      }
      throw error;
    }
  }

  /** Remembers metadata. If it adds something to a known metric, the next sample of each series declares it. */
  private learnMetadata({ families }: WriteRequest): void {
    const { nameValidation } = this.options.series;
    const news = this.families.remember(families);
    if (!news.some(([name, metadata]) => addsToKnownMetric(name, metadata, this.catalog, nameValidation))) return;
    this.metadataGeneration++;
    this.recognised.forgetAll();
  }

  private async storeKnown(samples: ScrapedSamples, sender: Sender, tally: WriteTally): Promise<void> {
    for (const part of samples.parts(this.options.ingest.maxSamples)) {
      await this.scrapedIngestion.store(part, sender);
      tally.addWritten(part.series.length);
    }
  }

  private async storeOthers({ series, known }: WriteRequest, sender: Sender, tally: WriteTally): Promise<void> {
    if (series.length === 0) return;
    const converter = new WrittenSamples(this.catalog, this.families, this.options.series.nameValidation);
    const onRefused = (refusal: Refusal, samples: number) => {
      tally.addRefused(refusal, samples);
      this.metrics.countRefusedAs(refusal, samples, sender.tokenId);
    };
    let isStill = this.watch();
    for await (const part of partsOf(series, converter, this.options.ingest.maxSamples, onRefused)) {
      const result = await this.ingestion.ingest(part.samples, sender);
      tally.addWritten(part.samples.length - result.refused.length);
      for (const { refusal } of result.refused) tally.addRefused(refusal);
      await inTurns(rememberSeries(part, result, known, this.ingestion, isStill));
      this.metrics.setCacheBytes('items', this.recognised.bytes);
      isStill = this.watch();
    }
  }

  /** Returns a function that says whether the catalog and the metadata have stayed unchanged since this call. */
  private watch(): () => boolean {
    const { metadataGeneration } = this;
    const { generation } = this.ingestion;
    return () => this.ingestion.generation === generation && this.metadataGeneration === metadataGeneration;
  }
}

/** Returns about how many bytes a decoded request takes until it is stored. Recognised series take hardly any. */
function sizeOf({ series }: WriteRequest): number {
  let samples = 0;
  for (const each of series) samples += each.samples.length;
  return series.length * SERIES_BYTES + samples * SAMPLE_BYTES;
}
