import { sanitizeText } from '../outside-text/name.js';
import type { Temporality } from '../catalog/metric/metric.js';

/** A label value as clients send it. Numbers and booleans become strings. */
export type IncomingLabelValue = string | number | boolean;

/** The histogram that a sample belongs to as one of its counters. */
export interface HistogramPart {
  /** The name of the histogram. A new histogram is declared by its parts. */
  readonly name: string;
  /** Parts with the same number are accepted or refused together, because a histogram without its count is invalid. */
  readonly item: number;
  readonly help?: string | null;
  readonly unit?: string | null;
}

/** One item of a batch, after the receiver has checked its shape. */
export interface IncomingSample {
  readonly name: string;
  /** The value: a finite number, for a gauge also an infinite one, or NaN for a stale marker. Other values are refused. */
  readonly value: number;
  readonly labels?: Readonly<Record<string, IncomingLabelValue>>;
  readonly type?: 'counter' | 'gauge' | null;
  /**
   * The temporality of a counter. If the item itself says `gauge` and `delta`, its value is a change that is added to the gauge.
   */
  readonly temporality?: Temporality | null;
  readonly help?: string | null;
  readonly unit?: string | null;
  /** The time of the sample in milliseconds since the epoch. */
  readonly timestamp?: number | null;
  /**
   * The time at which a client with a running total began to count from zero, in milliseconds since the epoch. A time after the
   * last sample of the series starts a new sequence.
   */
  readonly startedAt?: number | null;
  readonly histogram?: HistogramPart;
  /**
   * True for a stale marker, which says that the series has no value from this time until its next sample. A marker for a series
   * that does not exist has no effect, and is neither accepted nor refused.
   */
  readonly isStale?: boolean;
  /** True for a sample of remote write. A series that it creates is marked as scraped; see `isScraped` of `Series`. */
  readonly isScraped?: true;
}

/** Returns the stale marker of a series. */
export function staleMarker(
  name: string,
  labels: Readonly<Record<string, IncomingLabelValue>>,
  timestamp?: number | null,
): IncomingSample {
  return { name, labels, value: NaN, isStale: true, timestamp };
}

/**
 * Returns the help and the unit that an item gives. An empty text counts as absent, so that a later item can still provide it.
 */
export function descriptionOf({ help, unit }: Pick<IncomingSample, 'help' | 'unit'>): {
  readonly help?: string;
  readonly unit?: string;
} {
  return { help: help ? sanitizeText(help) : undefined, unit: unit ? sanitizeText(unit) : undefined };
}
