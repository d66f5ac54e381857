import type { Refusal } from '../catalog/refusal.js';
import type { Series } from '../catalog/series/series.js';

/** An item that was not taken, by its place in the batch. */
export interface RefusedItem {
  readonly index: number;
  readonly refusal: Refusal;
}

/** The items of a batch that were accepted, and those that were refused. */
export interface IngestResult {
  readonly accepted: number;
  readonly refused: readonly RefusedItem[];
  /** Of the accepted items, in their order. */
  readonly series: readonly Series[];
}
