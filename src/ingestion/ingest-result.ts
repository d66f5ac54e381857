import type { Refusal } from '../catalog/refusal.js';
import type { Series } from '../catalog/series/series.js';

/** A refused item, by its index in the batch. */
export interface RefusedItem {
  readonly index: number;
  readonly refusal: Refusal;
}

/** The items of a batch that were accepted, and those that were refused. */
export interface IngestResult {
  readonly accepted: number;
  readonly refused: readonly RefusedItem[];
  /** The series of the accepted items, in the order of the items. */
  readonly series: readonly Series[];
}
