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
