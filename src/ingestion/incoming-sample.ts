import { sanitizeText } from '../outside-text/name.js';
import type { Temporality } from '../catalog/metric/metric.js';

/** A label value as senders write it; scalars become strings. */
export type IncomingLabelValue = string | number | boolean;

/** What a sample is a part of, if it is one of the counters of a histogram. */
export interface HistogramPart {
  /** The name of the histogram, which is declared when it is new. */
  readonly name: string;
  /** Parts with the same number are taken or refused together; a histogram without its count is none. */
  readonly item: number;
  readonly help?: string | null;
  readonly unit?: string | null;
}

/** One item of a batch, after the front door has checked its shape. */
export interface IncomingSample {
  readonly name: string;
  /** A finite number; NaN of a marker. */
  readonly value: number;
  readonly labels?: Readonly<Record<string, IncomingLabelValue>>;
  readonly type?: 'counter' | 'gauge' | null;
  /** Of a counter; `delta` of a gauge that is declared one here means that the value is a change to add. */
  readonly temporality?: Temporality | null;
  readonly help?: string | null;
  readonly unit?: string | null;
  /** Milliseconds since the epoch. */
  readonly timestamp?: number | null;
  /**
   * When the sender of a running total began to count from zero, ms since the epoch: after the series' last sample, it is a new
   * sequence.
   */
  readonly startedAt?: number | null;
  readonly histogram?: HistogramPart;
  /**
   * A stale marker: the series has no value from now on, until its next sample. Of a series that does not exist it says
   * nothing, and is neither accepted nor refused.
   */
  readonly isStale?: boolean;
}

/** The marker that ends what a series shows. */
export function staleMarker(
  name: string,
  labels: Readonly<Record<string, IncomingLabelValue>>,
  timestamp?: number | null,
): IncomingSample {
  return { name, labels, value: NaN, isStale: true, timestamp };
}

/** What an item says of its metric. Nothing is said by an empty text, so that it can still be said later. */
export function descriptionOf({ help, unit }: Pick<IncomingSample, 'help' | 'unit'>): {
  readonly help?: string;
  readonly unit?: string;
} {
  return { help: help ? sanitizeText(help) : undefined, unit: unit ? sanitizeText(unit) : undefined };
}
