import type { Series } from '../../../catalog/series/series.js';
import type { IncomingSample } from '../../../ingestion/incoming-sample.js';
import { inTurns } from '../../../scheduling/turns.js';
import type { KnownItems } from './known-items.js';

/** A batch that was taken whole. */
export interface TakenBatch {
  readonly body: Buffer;
  readonly sender: string;
  readonly samples: readonly IncomingSample[];
  readonly series: readonly Series[];
}

/** Bodies that may wait to be learned. What does not fit is not learned: it comes again. */
const MAX_WAITING_BYTES = 8 * 1024 * 1024;

/**
 * Learns the items of batches after they were answered, one batch after the other, in turns with everything else. A hundred
 * requests whose samples were committed together would hold the event loop for a second if each were learned at once.
 */
export class ItemLearning {
  private readonly waiting: { batch: TakenBatch; generation: number }[] = [];
  private waitingBytes = 0;
  private isLearning = false;

  /**
   * @param generation what items rest on now; items of a batch that was taken before it changed are not learned
   * @param onLearned is called after each batch
   */
  constructor(
    private readonly items: KnownItems,
    private readonly generation: () => number,
    private readonly onLearned: () => void,
  ) {}

  /** Learns a batch soon, unless too much waits already. */
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
    this.items.keepOnlyFor(generation);
    const steps = this.items.learn(body, sender, samples, series);
    while (steps.next().done !== true) {
      yield;
      if (this.generation() !== generation) return;
    }
  }
}
