import { Inject, Injectable } from '@nestjs/common';
import type { ApiToken } from '../../api-tokens/api-token.js';
import { Catalog } from '../../catalog/catalog.js';
import { Refusal } from '../../catalog/refusal.js';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../custom-metrics.options.js';
import { BadDataError, UnreadableBodyError } from '../../http/answers/errors.js';
import { tooLarge } from '../../http/bodies/receive-body.js';
import { isLargeBody } from '../../http/bodies/parse-json.js';
import { inflateSnappyBlock, SnappyError, SnappyTooLargeError } from '../../http/bodies/snappy-block.js';
import type { IncomingSample } from '../../ingestion/incoming-sample.js';
import { IngestionMetrics } from '../../ingestion/ingestion.metrics.js';
import { IngestionService } from '../../ingestion/ingestion.service.js';
import { senderOf } from '../../ingestion/sender.js';
import { inTurns, Turns } from '../../scheduling/turns.js';
import { FamilyMetadata } from './family-metadata.js';
import { decodeWriteRequest } from './message/decode-write-request.js';
import { MalformedWriteError, type WriteRequest } from './message/write-request.js';
import type { RemoteWriteBody } from './remote-write-body.js';
import { WrittenSamples } from './written-samples.js';

const NOT_STORED_KIND = new Refusal('value_invalid', 'Native histograms and exemplars are not stored.');

/** Decodes remote write requests and stores their samples. */
@Injectable()
export class RemoteWriteService {
  private readonly families = new FamilyMetadata();

  constructor(
    private readonly ingestion: IngestionService,
    private readonly catalog: Catalog,
    private readonly metrics: IngestionMetrics,
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
   * StoreUnavailableError if Postgres can't store it now
   */
  async write(
    body: RemoteWriteBody,
    token: ApiToken,
    onWritten: (samples: number) => void,
  ): Promise<string | undefined> {
    const request = await this.decode(body);
    this.families.remember(request.families);
    const converter = new WrittenSamples(this.catalog, this.families, this.options.series.nameValidation);
    const refusals: Refusal[] = [];
    // All parts share one wait for Postgres.
    const sender = senderOf(token);
    let written = 0;
    let refused = 0;
    const onRefused = (refusal: Refusal, samples: number) => {
      refused += samples;
      if (refusals.length === 0) refusals.push(refusal);
      this.metrics.countRefusedAs(refusal, samples, token.id);
    };
    for await (const samples of partsOf(request, converter, this.options.ingest.maxSamples, onRefused)) {
      const result = await this.ingestion.ingest(samples, sender);
      written += samples.length - result.refused.length;
      onWritten(written);
      refused += result.refused.length;
      if (refusals.length === 0) refusals.push(...result.refused.slice(0, 1).map(({ refusal }) => refusal));
    }
    const { histograms, exemplars } = request;
    if (histograms + exemplars > 0) this.metrics.countRefusedAs(NOT_STORED_KIND, histograms + exemplars, token.id);
    return problemOf({ written, refused, first: refusals[0], histograms, exemplars });
  }

  private async decode({ compressed, version }: RemoteWriteBody): Promise<WriteRequest> {
    const { maxBodyBytes } = this.options.ingest;
    try {
      if (isLargeBody(compressed)) await new Turns().next();
      const bytes = inflateSnappyBlock(compressed, maxBodyBytes);
      return await inTurns(decodeWriteRequest(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), version));
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
}

/**
 * Splits a request into parts of at most `maxSamples` samples, because a sender does not know this limit.
 *
 * @param onRefused is called for each series that is refused as a whole, with the number of its samples
 */
async function* partsOf(
  { series }: WriteRequest,
  converter: WrittenSamples,
  maxSamples: number,
  onRefused: (refusal: Refusal, samples: number) => void,
): AsyncGenerator<readonly IncomingSample[]> {
  const turns = new Turns();
  let part: IncomingSample[] = [];
  for (const each of series) {
    if (turns.isUp) await turns.give();
    const samples = converter.of(each);
    if (samples instanceof Refusal) {
      onRefused(samples, each.samples.length);
      continue;
    }
    for (const sample of samples) {
      part.push(sample);
      if (part.length < maxSamples) continue;
      yield part;
      part = [];
    }
  }
  if (part.length > 0) yield part;
}

interface Unwritten {
  readonly written: number;
  readonly refused: number;
  readonly first: Refusal | undefined;
  readonly histograms: number;
  readonly exemplars: number;
}

function problemOf({ written, refused, first, histograms, exemplars }: Unwritten): string | undefined {
  const problems: string[] = [];
  if (first !== undefined) problems.push(`${refused} samples were refused, the first because: ${first.message}`);
  if (histograms > 0) {
    problems.push(
      `${histograms} native histogram samples were left out, because the service stores classic histograms only ` +
        '(always_scrape_classic_histograms in Prometheus).',
    );
  }
  if (exemplars > 0) problems.push(`${exemplars} exemplars were left out (send_exemplars: false in Prometheus).`);
  if (problems.length === 0) return undefined;
  return `${written} samples were stored. ${problems.join(' ')}`;
}
