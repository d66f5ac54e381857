import type { Batch } from './batch.js';

/** Batches that are not acknowledged yet, in the order in which they were frozen. */
export class BatchQueue {
  private batches: Batch[] = [];
  private pushed = 0;

  constructor(
    private readonly maxBatches: number,
    private readonly maxBytes: number,
  ) {}

  /** The last batch may go beyond the bytes: it can't be known before it is made. */
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

  /** How many batches there ever were. */
  get total(): number {
    return this.pushed;
  }

  /** How many of them are acknowledged or given up. */
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

  /** The head is acknowledged or given up. */
  settleHead(): void {
    this.batches.shift();
  }

  clear(): void {
    this.batches = [];
  }
}
