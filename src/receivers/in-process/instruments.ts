import type { InstrumentLabels } from './instrument-labels.js';
import type { PushedItem, PushResult } from './pushed-items.js';

/** The description of a metric. The first description that is given for a name is used. */
export interface InstrumentOptions {
  readonly help?: string;
  /** The unit, for example `seconds` or `bytes`. */
  readonly unit?: string;
  /** The labels of every value. The labels of a call override them. */
  readonly labels?: InstrumentLabels;
}

/** The description of a histogram. */
export interface HistogramOptions extends InstrumentOptions {
  /** Upper bounds of the buckets. The default is eleven bounds from 0.005 to 10, for durations in seconds. */
  readonly buckets?: readonly number[];
}

/** A counter, whose value can only rise. */
export interface CounterInstrument {
  /**
   * Adds to the total. This method never throws. A value that can't be counted is dropped, and the drop is counted.
   *
   * @param value a finite number that is not negative; the default is 1
   */
  add(value?: number, labels?: InstrumentLabels): void;
}

/** A gauge, whose value can rise and fall. */
export interface GaugeInstrument {
  /** Sets the value. This method never throws. The last value of each interval is stored. */
  set(value: number, labels?: InstrumentLabels): void;
  /** Adds to the last value that this process has set, which is 0 at the start. This method never throws. */
  add(value: number, labels?: InstrumentLabels): void;
}

/** A histogram, which counts values by size. */
export interface HistogramInstrument {
  /**
   * Counts a value in its bucket, and never throws.
   *
   * @param value a finite number that is not negative, because the sum is a counter and can't fall
   */
  observe(value: number, labels?: InstrumentLabels): void;
}

/** The methods that {@link CustomMetrics} and its stub for tests have in common. */
export interface Instruments {
  counter(name: string, options?: InstrumentOptions): CounterInstrument;
  gauge(name: string, options?: InstrumentOptions): GaugeInstrument;
  histogram(name: string, options?: HistogramOptions): HistogramInstrument;
  push(items: readonly PushedItem[]): Promise<PushResult>;
  flush(): Promise<void>;
}
