import { sanitizeText } from '../catalog/metric-name.js';
import type { Temporality } from '../catalog/metric.js';

/** A label value as senders write it; scalars become strings. */
export type IncomingLabelValue = string | number | boolean;

/** One item of a batch, after the front door has checked its shape. */
export interface IncomingSample {
  readonly name: string;
  /** A finite number. */
  readonly value: number;
  readonly labels?: Readonly<Record<string, IncomingLabelValue>>;
  readonly type?: 'counter' | 'gauge' | null;
  readonly temporality?: Temporality | null;
  readonly help?: string | null;
  readonly unit?: string | null;
  /** Milliseconds since the epoch. */
  readonly timestamp?: number | null;
}

/** Who sends: what of a token matters to its samples. */
export interface Sender {
  readonly tokenId: number | null;
  /** Labels that every sample of the sender gets; they win over the sample's own. */
  readonly labels: Readonly<Record<string, string>>;
  readonly defaultTemporality: Temporality | null;
}

/** What an item says of its metric. Nothing is said by an empty text, so that it can still be said later. */
export function descriptionOf({ help, unit }: IncomingSample): { readonly help?: string; readonly unit?: string } {
  return { help: help ? sanitizeText(help) : undefined, unit: unit ? sanitizeText(unit) : undefined };
}
