import { BadRequestException, Inject, Injectable } from '@nestjs/common';
import type { ApiToken } from '../../api-tokens/api-token.js';
import type { Refusal } from '../../catalog/refusal.js';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../custom-metrics.options.js';
import { hashOf } from '../../http/bodies/json-body.js';
import { isLargeBody } from '../../http/bodies/parse-json.js';
import { DecodingMemory } from '../../ingestion/decoding-memory.js';
import { IdempotentIngestion } from '../../ingestion/idempotent-ingestion.js';
import { RecentRefusals } from '../../refusals/recent-refusals.js';
import { IngestionMetrics } from '../../ingestion/ingestion.metrics.js';
import { IngestionService } from '../../ingestion/ingestion.service.js';
import type { IngestResult } from '../../ingestion/ingest-result.js';
import { senderOf } from '../../ingestion/sender.js';
import { inTurns, Turns } from '../../scheduling/turns.js';
import type { OtlpBody } from './encoding/otlp-body.js';
import { decodeRequest } from './encoding/otlp-encoding.js';
import { MalformedOtlpError } from './mapping/otlp-fields.js';
import { type MappedPoint, type MappedRequest, mapRequest } from './mapping/otlp-mapping.js';
import { joinRejections, type Rejection, rejectionOf } from './partial-success.js';

const NOTHING_REJECTED: Rejection = { count: 0, reasons: [] };

/** The size of a decoded export, in sizes of its body: a body of five megabytes can decode to two hundred megabytes. */
const DECODED_FACTOR = 40;

/** Decodes metrics exports and stores their data points. */
@Injectable()
export class OtlpService {
  constructor(
    private readonly ingestion: IngestionService,
    private readonly idempotentIngestion: IdempotentIngestion,
    private readonly metrics: IngestionMetrics,
    private readonly recent: RecentRefusals,
    private readonly memory: DecodingMemory,
    @Inject(CUSTOM_METRICS_OPTIONS) private readonly options: CustomMetricsOptions,
  ) {}

  /**
   * Stores an export.
   *
   * An exporter that gets no answer sends the same bytes again. If every data point has a time, these bytes are recognised by
   * their hash and stored only once. Without times, identical bytes may be new points.
   *
   * @returns the refused data points, once the others are committed
   * @throws BadRequestException if the export is malformed, in which case nothing is stored; StoreUnavailableError if Postgres
   * can't store it now, or if too many requests wait to be decoded
   */
  export(body: OtlpBody, token: ApiToken): Promise<Rejection> {
    return this.memory.take(body.bytes.length * DECODED_FACTOR, () => this.decodeAndStore(body, token));
  }

  private async decodeAndStore({ bytes, encoding }: OtlpBody, token: ApiToken): Promise<Rejection> {
    const request = await this.mapBody(bytes, encoding);
    const parts = partsOf(request.points(), this.options.ingest.maxSamples);
    const hash = hashOf(bytes);
    const rejections: Rejection[] = [];
    let index = 0;
    for await (const part of request.isTimed ? parts : this.atOnce(parts)) {
      // The key contains spaces, so it can't equal the Idempotency-Key of a client.
      const key = request.isTimed ? `otlp ${hash.toString('hex')} ${index++}` : undefined;
      rejections.push(await this.store(part, token, key, hash));
    }
    const refused = [...request.refused];
    for (const { count, refusal } of refused) this.metrics.countRefusedAs(refusal, count, token.id);
    this.recent.note(refused.map(({ refusal: { reason, message } }) => ({ tokenId: token.id, reason, message })));
    return joinRejections([...refused.map(({ count, refusal }) => rejectionOf(count, refusal)), ...rejections]);
  }

  private async mapBody(bytes: OtlpBody['bytes'], encoding: OtlpBody['encoding']): Promise<MappedRequest> {
    try {
      if (isLargeBody(bytes)) await new Turns().next();
      const request = await inTurns(decodeRequest(bytes, encoding));
      return mapRequest(request, this.options.otlp, this.options.series);
    } catch (error) {
      throw error instanceof MalformedOtlpError ? new BadRequestException(error.message) : error;
    }
  }

  private async store(
    points: readonly MappedPoint[],
    token: ApiToken,
    key: string | undefined,
    bodyHash: Buffer,
  ): Promise<Rejection> {
    const samples = points.flatMap((point) => point.samples);
    const sender = senderOf(token);
    const answerOf = (receipt: IngestResult) => rejectionOfReceipt(receipt, points);
    if (key === undefined) return answerOf(await this.ingestion.ingest(samples, sender)) ?? NOTHING_REJECTED;
    const outcome = await this.idempotentIngestion.ingest({
      samples,
      sender,
      isStrict: false,
      key,
      bodyHash,
      answerOf,
    });
    const rejection = 'receipt' in outcome ? answerOf(outcome.receipt) : (outcome.earlier.answer as Rejection | null);
    return rejection ?? NOTHING_REJECTED;
  }

  /**
   * Allows only a single part. If a second part failed, the first could not be recognised when the export is sent again.
   *
   * @throws BadRequestException if there is a second part
   */
  private async *atOnce(parts: AsyncGenerator<readonly MappedPoint[]>): AsyncGenerator<readonly MappedPoint[]> {
    const first = await parts.next();
    if (first.done === true) return;
    const second = await parts.next();
    if (second.done === true) {
      yield first.value;
      return;
    }
    throw new BadRequestException(
      `The export has more than ${this.options.ingest.maxSamples} samples (INGEST_MAX_SAMPLES) and has data points without ` +
        'timeUnixNano. Nothing was stored. Set timeUnixNano, or send fewer samples: a histogram has one for each bucket and two more.',
    );
  }
}

/**
 * Splits an export into parts of at most `maxSamples` samples, because there is no way to make an exporter send less. Points are
 * not split, so a point with more samples is a larger part of its own. The same export always has the same parts, so each part is
 * stored once, even if the export is sent again because a later part failed.
 */
async function* partsOf(
  points: Iterable<MappedPoint | undefined>,
  maxSamples: number,
): AsyncGenerator<readonly MappedPoint[]> {
  const turns = new Turns();
  let part: MappedPoint[] = [];
  let room = maxSamples;
  for (const point of points) {
    if (turns.isUp) await turns.give();
    if (point === undefined) continue;
    if (point.samples.length > room && part.length > 0) {
      yield part;
      part = [];
      room = maxSamples;
    }
    part.push(point);
    room -= point.samples.length;
  }
  if (part.length > 0) yield part;
}

/** Returns the rejection of the data points with refused samples; undefined if there are none. */
function rejectionOfReceipt({ refused }: IngestResult, points: readonly MappedPoint[]): Rejection | undefined {
  if (refused.length === 0) return undefined;
  const owners = points.flatMap((point) => point.samples.map(() => point));
  const firstOf = new Map<MappedPoint, Refusal>();
  for (const { index, refusal } of refused) {
    const point = owners[index]!;
    if (!firstOf.has(point)) firstOf.set(point, refusal);
  }
  return joinRejections([...firstOf].map(([{ isDerived }, refusal]) => rejectionOf(isDerived ? 0 : 1, refusal)));
}
