import type { Series } from '../../../catalog/series/series.js';
import type { IncomingSample } from '../../../ingestion/incoming-sample.js';
import type { RecognisedSeries } from '../../../ingestion/recognition/recognised-series.js';
import { inTurns } from '../../../scheduling/turns.js';
import type { KnownItems } from './known-items.js';

/** A batch whose items were all accepted. */
export interface TakenBatch {
  readonly body: Buffer;
  readonly sender: string;
  readonly samples: readonly IncomingSample[];
  readonly series: readonly Series[];
}

/**
 * Maximum number of bytes in bodies that wait to be learned. Further bodies are skipped, because their items will be sent again.
 */
const MAX_WAITING_BYTES = 8 * 1024 * 1024;

/**
 * Learns the items of accepted batches, one batch at a time, and lets other work run in between. A hundred requests whose samples
 * are committed together would block the event loop for a second if all were learned without a pause.
 */
export class ItemLearning {
  private readonly waiting: { batch: TakenBatch; generation: number }[] = [];
  private waitingBytes = 0;
  private isLearning = false;

  /**
   * @param generation returns the current ingestion generation; items of batches from an earlier generation are not learned
   * @param onLearned is called after each batch
   */
  constructor(
    private readonly items: KnownItems,
    private readonly recognised: RecognisedSeries,
    private readonly generation: () => number,
    private readonly onLearned: () => void,
  ) {}

  /** Queues a batch to be learned, unless too many bytes are already waiting. */
  add(batch: TakenBatch): void {
    if (this.waitingBytes + batch.body.length > MAX_WAITING_BYTES) return;
    this.waitingBytes += batch.body.length;
    this.waiting.push({ batch, generation: this.generation() });
    if (!this.isLearning) void this.learnAll();
  }

  private async learnAll(): Promise<void> {
    this.isLearning = true;
    for (let next = this.waiting.shift(); next !== undefined; next = this.waiting.shift()) {
      await inTurns(this.learn(next.batch, next.generation));
      this.waitingBytes -= next.batch.body.length;
      this.onLearned();
    }
    this.isLearning = false;
  }

  private *learn({ body, sender, samples, series }: TakenBatch, generation: number): Generator<void, void> {
    if (this.generation() !== generation) return;
    this.recognised.keepOnlyFor(generation);
    const steps = this.items.learn(body, sender, samples, series);
    while (steps.next().done !== true) {
      yield;
      if (this.generation() !== generation) return;
    }
  }
}
