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

/** A batch with an Idempotency-Key, which must not be stored twice. */
export interface IdempotentBatch {
  readonly samples: readonly IncomingSample[];
  readonly sender: Sender & { readonly tokenId: number };
  /** True to store nothing if any item is refused. */
  readonly isStrict: boolean;
  readonly key: string;
  readonly bodyHash: Buffer;
  /** Returns the body of the response to a replay. */
  readonly answerOf: (receipt: IngestResult) => object | undefined;
}

/** The outcome of a batch. Either the batch was ingested now, or an earlier request with the same key was stored. */
export type IdempotentOutcome =
  { readonly receipt: IngestResult } | { readonly earlier: RequestReceipt; readonly isSameBody: boolean };

/** The result of the turn of one request. */
interface Turn {
  readonly receipt?: IngestResult;
  readonly stored: RequestReceipt | undefined;
}

interface RequestUnderWay {
  readonly bodyHash: Buffer;
  readonly turn: Promise<Turn>;
}

/**
 * Ingests requests with an Idempotency-Key, so that their samples are stored only once, even if they are sent several times.
 *
 * A receipt is committed in the same statement as the samples, and its primary key decides between processes. This class does the
 * work before the commit: requests with the same key take turns in this process, and a request whose key is already stored is
 * answered before its samples are examined. So a replay creates no series, and no limit applies to it that did not apply to the
 * first request.
 *
 * A request that stored nothing leaves no receipt, so its key may be used again with a corrected body.
 */
@Injectable()
export class IdempotentIngestion {
  /** The running requests by token and key. The map is bounded by the number of running requests. */
  private readonly underWay = new Map<string, RequestUnderWay>();

  constructor(
    private readonly ingestion: IngestionService,
    private readonly receipts: IngestReceiptRepository,
    @Inject(CUSTOM_METRICS_OPTIONS) private readonly options: CustomMetricsOptions,
  ) {}

  /**
   * Stores the valid items of a batch, unless its key is already stored.
   *
   * @throws StoreUnavailableError if Postgres can't take the samples now, or the error of an outage if the key can't be looked
   * up. A request that waits for another one with the same key and body fails with the error of that one.
   */
  async ingest(batch: IdempotentBatch): Promise<IdempotentOutcome> {
    const id = receiptIdOf({ tokenId: batch.sender.tokenId, key: batch.key });
    for (;;) {
      const first = this.underWay.get(id);
      if (first === undefined) break;
      const earlier = await storedBy(first, batch.bodyHash);
      if (earlier !== undefined) return outcomeOf(earlier, batch.bodyHash);
    }
    // There is no await between the lookup and the entry, and an entry is removed as soon as its turn has ended, so turns with
    // the same key never overlap.
    const turn = this.takeTurn(batch).finally(() => this.underWay.delete(id));
    this.underWay.set(id, { bodyHash: batch.bodyHash, turn });
    const { receipt, stored } = await turn;
    return receipt === undefined ? outcomeOf(stored!, batch.bodyHash) : { receipt };
  }

  private async takeTurn(batch: IdempotentBatch): Promise<Turn> {
    const { samples, sender, isStrict, key, bodyHash, answerOf } = batch;
    const { tokenId, wait } = sender;
    const { waitMs } = this.options.store;
    const [earlier] = await waitOutOutage(() => this.receipts.find([{ tokenId, key }]), waitMs, wait);
    if (earlier !== undefined) return { stored: earlier };
    let stored: RequestReceipt | undefined;
    try {
      const receipt = await this.ingestion.ingest(samples, sender, isStrict, {
        receiptOf: (outcome) => (stored = { tokenId, key, bodyHash, answer: answerOf(outcome) ?? null }),
      });
      return { receipt, stored };
    } catch (error) {
      // Another process has committed the same key first.
      if (error instanceof AlreadyStoredError) return { stored: error.earlier };
      throw error;
    }
  }
}

/**
 * Waits for a running request and returns the receipt that it stored. The result is undefined if it stored nothing, or if it had
 * a different body and failed, because its failure then says nothing about this request.
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
