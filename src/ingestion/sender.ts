import type { ApiToken } from '../api-tokens/api-token.js';
import type { Temporality } from '../catalog/metric/metric.js';

/** Who sends: what of a token matters to its samples. */
export interface Sender {
  readonly tokenId: number | null;
  /** Labels that every sample of the sender gets; they win over the sample's own. */
  readonly labels: Readonly<Record<string, string>>;
  readonly defaultTemporality: Temporality | null;
}

/** The sender that a token stands for. */
export function senderOf({ id, labels, defaultTemporality }: ApiToken): Sender & { readonly tokenId: number } {
  return { tokenId: id, labels, defaultTemporality };
}
