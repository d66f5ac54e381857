import type { ApiToken } from '../api-tokens/api-token.js';
import type { Temporality } from '../catalog/metric/metric.js';

/** The properties of a token that affect the samples of its client. */
export interface Sender {
  readonly tokenId: number | null;
  /** Labels that every sample of the client gets. They override the sample's own labels. */
  readonly labels: Readonly<Record<string, string>>;
  readonly defaultTemporality: Temporality | null;
}

/** Returns the sender of a token. */
export function senderOf({ id, labels, defaultTemporality }: ApiToken): Sender & { readonly tokenId: number } {
  return { tokenId: id, labels, defaultTemporality };
}
