/** A label value. Numbers and booleans become text; `undefined`, `null` and an empty text mean that the label is absent. */
export type InstrumentLabels = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** The description of a metric. The first one that is given for a name holds. */
export interface InstrumentOptions {
  readonly help?: string;
  /** For example `seconds` or `bytes`. */
  readonly unit?: string;
  /** Labels of every value; labels of a call win over them. */
  readonly labels?: InstrumentLabels;
}

/** The description of a histogram. */
export interface HistogramOptions extends InstrumentOptions {
  /** Upper bounds of the buckets, ascending. The default has eleven, from 5 ms to 10 s. */
  readonly buckets?: readonly number[];
}

/** A counter, which only rises. */
export interface CounterInstrument {
  /**
   * Adds to the total. Never throws: a value that can't be counted is dropped, and counted as dropped.
   *
   * @param value finite and not negative; the default is 1
   */
  add(value?: number, labels?: InstrumentLabels): void;
}

/** A gauge, which can rise and fall. */
export interface GaugeInstrument {
  /** Sets the value. The last value of each interval is stored. Never throws. */
  set(value: number, labels?: InstrumentLabels): void;
  /** Adds to the value that this process has set last, which is 0 at the start. Never throws. */
  add(value: number, labels?: InstrumentLabels): void;
}

/** A histogram, which counts values by size. */
export interface HistogramInstrument {
  /**
   * Counts a value in its bucket. Never throws.
   *
   * @param value finite and not negative, because the sum is a counter and can't fall
   */
  observe(value: number, labels?: InstrumentLabels): void;
}

/** What {@link CustomMetrics} and its stub for tests offer. */
export interface Instruments {
  counter(name: string, options?: InstrumentOptions): CounterInstrument;
  gauge(name: string, options?: InstrumentOptions): GaugeInstrument;
  histogram(name: string, options?: HistogramOptions): HistogramInstrument;
}
