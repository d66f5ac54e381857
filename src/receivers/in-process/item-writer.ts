import { Injectable } from '@nestjs/common';
import { Refusal } from '../../catalog/refusal.js';
import type { IncomingSample } from '../../ingestion/incoming-sample.js';
import { IngestionService } from '../../ingestion/ingestion.service.js';
import { Turns } from '../../scheduling/turns.js';
import { APP_SENDER } from './app-sender.js';
import { sampleOf } from './item-check.js';
import type { PushedItem, PushResult, RejectedItem } from './pushed-items.js';

/** Commits items that the app's code pushes directly, instead of adding them up like the values of instruments. */
@Injectable()
export class ItemWriter {
  constructor(private readonly ingestion: IngestionService) {}

  /**
   * Commits the items, and reports those that were rejected.
   *
   * @throws StoreUnavailableError if Postgres can't store the items now
   */
  async write(items: readonly PushedItem[]): Promise<PushResult> {
    const samples: IncomingSample[] = [];
    /** The index of each sample's item in `items`. */
    const indexes: number[] = [];
    const rejected: RejectedItem[] = [];
    const turns = new Turns();
    for (const [index, item] of items.entries()) {
      if (turns.isUp) await turns.give();
      const sample = trySampleOf(item);
      if (sample instanceof Refusal) {
        rejected.push({ index, reason: sample.reason, message: sample.message });
      } else {
        samples.push(sample);
        indexes.push(index);
      }
    }
    const { accepted, refused } = await this.ingestion.ingest(samples, APP_SENDER);
    for (const { index, refusal } of refused) {
      rejected.push({ index: indexes[index]!, reason: refusal.reason, message: refusal.message });
    }
    return { accepted, rejected: rejected.toSorted((a, b) => a.index - b.index) };
  }
}

function trySampleOf(item: PushedItem): IncomingSample | Refusal {
  try {
    return sampleOf(item);
  } catch {
    return new Refusal('item_invalid', 'A pushed item must be an object whose properties can be read.');
  }
}
