import type { Labels } from './labels.js';

/** Counts what happens. */
export interface Counter {
  /**
   * Adds to the total. Never throws: what can't be counted is told through `onDropped`.
   *
   * @param value finite and not negative; default 1
   */
  add(value?: number, labels?: Labels): void;
}

/** A value that goes up and down. */
export interface Gauge {
  /** Keeps the value and the time; of several within one interval the last is sent. Never throws. */
  set(value: number, labels?: Labels): void;
}

/** Counts values by size. */
export interface Histogram {
  /**
   * Counts a value in its bucket. Never throws.
   *
   * @param value finite and not negative, for the sum is a counter and can't go down
   */
  observe(value: number, labels?: Labels): void;
}
