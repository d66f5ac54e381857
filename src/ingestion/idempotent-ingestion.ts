import { Inject, Injectable } from '@nestjs/common';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../custom-metrics.options.js';
import { waitOutOutage } from '../database/outage.js';
import { AlreadyStoredError } from '../sample-store/log/already-stored.error.js';
import { IngestReceiptRepository } from '../sample-store/receipts/ingest-receipt.repository.js';
import { receiptIdOf, type RequestReceipt } from '../sample-store/receipts/request-receipt.js';
import type { IncomingSample } from './incoming-sample.js';
import type { Sender } from './sender.js';
import { IngestionService } from './ingestion.service.js';
import type { IngestResult } from './ingest-result.js';

/** A batch that must not be stored twice. */
export interface IdempotentBatch {
  readonly samples: readonly IncomingSample[];
  readonly sender: Sender & { readonly tokenId: number };
  /** Takes nothing when one item can't be taken. */
  readonly isStrict: boolean;
  readonly key: string;
  readonly bodyHash: Buffer;
  /** The body that a replay will be answered with. */
  readonly answerOf: (receipt: IngestResult) => object | undefined;
}

/** What became of it: it was taken now, or a request with the same key was before. */
export type IdempotentOutcome =
  { readonly receipt: IngestResult } | { readonly earlier: RequestReceipt; readonly isSameBody: boolean };

/** What one request has found out or done; undefined where it stored nothing. */
interface Turn {
  readonly receipt?: IngestResult;
  readonly stored: RequestReceipt | undefined;
}

interface RequestUnderWay {
  readonly bodyHash: Buffer;
  readonly turn: Promise<Turn>;
}

/**
 * Ingestion for requests with an Idempotency-Key: what is stored is stored once, however often it is sent.
 *
 * A receipt is committed in one statement with the samples, and its primary key decides between processes. Here is what
 * comes before: requests with one key take turns in this process, and a key that is stored is answered before the samples
 * are looked at, so that a replay makes no series and meets no limit that the first one did not.
 *
 * What stored nothing leaves no receipt: the same key may then be sent again with a mended body.
 */
@Injectable()
export class IdempotentIngestion {
  /** By token and key; as many as there are requests. */
  private readonly underWay = new Map<string, RequestUnderWay>();

  constructor(
    private readonly ingestion: IngestionService,
    private readonly receipts: IngestReceiptRepository,
    @Inject(CUSTOM_METRICS_OPTIONS) private readonly options: CustomMetricsOptions,
  ) {}

  /**
   * Takes the good items of a batch, unless its key is stored.
   *
   * @throws StoreUnavailableError when Postgres can't take them now, also if that is what became of the request with the
   *   same key and body that this one has waited for
   */
  async ingest(batch: IdempotentBatch): Promise<IdempotentOutcome> {
    const id = receiptIdOf({ tokenId: batch.sender.tokenId, key: batch.key });
    for (;;) {
      const first = this.underWay.get(id);
      if (first === undefined) break;
      const earlier = await storedBy(first, batch.bodyHash);
      if (earlier !== undefined) return outcomeOf(earlier, batch.bodyHash);
    }
    // No await between the look and the entry, and none is left when a turn has ended.
    const turn = this.takeTurn(batch).finally(() => this.underWay.delete(id));
    this.underWay.set(id, { bodyHash: batch.bodyHash, turn });
    const { receipt, stored } = await turn;
    return receipt === undefined ? outcomeOf(stored!, batch.bodyHash) : { receipt };
  }

  private async takeTurn(batch: IdempotentBatch): Promise<Turn> {
    const { samples, sender, isStrict, key, bodyHash, answerOf } = batch;
    const { tokenId } = sender;
    const [earlier] = await waitOutOutage(() => this.receipts.find([{ tokenId, key }]), this.options.store.waitMs);
    if (earlier !== undefined) return { stored: earlier };
    let stored: RequestReceipt | undefined;
    try {
      const receipt = await this.ingestion.ingest(samples, sender, isStrict, {
        receiptOf: (outcome) => (stored = { tokenId, key, bodyHash, answer: answerOf(outcome) ?? null }),
      });
      return { receipt, stored };
    } catch (error) {
      // Another process was faster.
      if (error instanceof AlreadyStoredError) return { stored: error.earlier };
      throw error;
    }
  }
}

/**
 * What a request under way has stored, once it is known; undefined if nothing was, or if it failed and had another body, so
 * that its failure says nothing of this one.
 */
async function storedBy({ bodyHash, turn }: RequestUnderWay, ownHash: Buffer): Promise<RequestReceipt | undefined> {
  try {
    return (await turn).stored;
  } catch (error) {
    if (bodyHash.equals(ownHash)) throw error;
    return undefined;
  }
}

function outcomeOf(earlier: RequestReceipt, bodyHash: Buffer): IdempotentOutcome {
  return { earlier, isSameBody: earlier.bodyHash.equals(bodyHash) };
}
