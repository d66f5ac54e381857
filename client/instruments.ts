import type { Labels } from './labels.js';

/** A counter, which only rises. */
export interface Counter {
  /**
   * Adds to the total. It never throws; values that can't be counted are reported to `onDropped`.
   *
   * @param value finite and not negative; the default is 1
   */
  add(value?: number, labels?: Labels): void;
}

/** A gauge, which can rise and fall. */
export interface Gauge {
  /** Sets the value, with the current time. The last value of each interval is sent. It never throws. */
  set(value: number, labels?: Labels): void;
}

/** A histogram, which counts values by size. */
export interface Histogram {
  /**
   * Counts a value in its bucket. It never throws.
   *
   * @param value finite and not negative, because the sum is a counter and can't fall
   */
  observe(value: number, labels?: Labels): void;
}
