import type { Labels } from './labels.js';

/** A counter, whose value only rises. */
export interface Counter {
  /**
   * Adds to the total. This method never throws; values that can't be counted are reported to `onDropped`.
   *
   * @param value a finite number that is not negative; the default is 1
   */
  add(value?: number, labels?: Labels): void;
}

/** A gauge, whose value can rise and fall. */
export interface Gauge {
  /** Sets the value, with the current time. The last value of each interval is sent. This method never throws. */
  set(value: number, labels?: Labels): void;
}

/** A histogram, which counts values by size. */
export interface Histogram {
  /**
   * Counts a value in its bucket. This method never throws.
   *
   * @param value a finite number that is not negative, because the sum is a counter and can't fall
   */
  observe(value: number, labels?: Labels): void;
}
