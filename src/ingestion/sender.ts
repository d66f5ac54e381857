import type { AdmittedToken } from '../api-tokens/api-token.js';
import type { Temporality } from '../catalog/metric/metric.js';
import { StoreWait } from '../database/store-wait.js';

/** The properties of a token that affect the samples of its client. */
export interface Sender {
  readonly tokenId: number | null;
  /** Labels that every sample of the client gets. They override the sample's own labels. */
  readonly labels: Readonly<Record<string, string>>;
  readonly defaultTemporality: Temporality | null;
  /** True if the guard of a host has admitted the request. Labels and temporality may then change with every request. */
  readonly isOfHost?: true;
  /** The wait of the request for Postgres; undefined for samples that no client waits for. */
  readonly wait?: StoreWait;
}

/**
 * Returns the sender of a token. The sender's wait begins now and not with the request, because the body may have arrived slowly.
 * The time that the request waited for its token is added.
 */
export function senderOf({ id, labels, defaultTemporality, isOfHost, waitedMs = 0 }: AdmittedToken): Sender & {
  readonly tokenId: number;
} {
  return { tokenId: id, labels, defaultTemporality, isOfHost, wait: new StoreWait(waitedMs) };
}
