import type { Batch } from './batch.js';

/** Holds the batches that are not acknowledged yet, in the order of their creation. */
export class BatchQueue {
  private batches: Batch[] = [];
  private pushed = 0;

  constructor(
    private readonly maxBatches: number,
    private readonly maxBytes: number,
  ) {}

  /** True if no further batch fits. The last batch may exceed the byte limit, because its size is not known in advance. */
  get isFull(): boolean {
    return this.batches.length >= this.maxBatches || this.bytes >= this.maxBytes;
  }

  get size(): number {
    return this.batches.length;
  }

  get samples(): number {
    return this.batches.reduce((sum, { samples }) => sum + samples, 0);
  }

  get bytes(): number {
    return this.batches.reduce((sum, { body }) => sum + body.length, 0);
  }

  /** The number of all batches that were added. */
  get total(): number {
    return this.pushed;
  }

  /** The number of batches that were acknowledged or given up. */
  get settled(): number {
    return this.pushed - this.batches.length;
  }

  get head(): Batch | undefined {
    return this.batches[0];
  }

  push(batch: Batch): void {
    this.batches.push(batch);
    this.pushed++;
  }

  /** Removes the head, because it was acknowledged or given up. */
  settleHead(): void {
    this.batches.shift();
  }

  clear(): void {
    this.batches = [];
  }
}
