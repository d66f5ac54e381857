import type { Temporality } from '../../catalog/metric/metric.js';
import type { Scope } from '../api-token.js';
import type { ListedToken } from '../usage/token-listing.js';
import type { CreatedToken } from '../api-tokens.service.js';

/** A token in answers of the admin API. */
export class ApiTokenResponse {
  id: number;
  name: string;
  scopes: Scope[];
  /** Labels that are added to every sample pushed with the token. */
  labels: Record<string, string>;
  /** The temporality of counter samples of this token if neither the sample nor its metric sets it. */
  defaultTemporality: Temporality | null;
  createdAt: Date;
  expiresAt: Date | null;
  revokedAt: Date | null;
  /** The time of the last use, which is updated with a delay of up to half a minute. */
  lastUsedAt: Date | null;

  /** The number of series that the token has created. */
  seriesCount: number;

  /** The number of samples that were accepted since `countedSince`. Other processes add theirs every ten seconds. */
  samplesAccepted: number;

  /** The number of samples that were refused since `countedSince`. Requests that were refused as a whole are not counted. */
  samplesRefused: number;

  /** The time since which samples are counted, or null if none were pushed. */
  countedSince: Date | null;

  static of({ token, seriesCount, usage }: ListedToken): ApiTokenResponse {
    const { id, name, defaultTemporality, createdAt, expiresAt, revokedAt, lastUsedAt } = token;
    return {
      id,
      name,
      scopes: [...token.scopes],
      labels: { ...token.labels },
      defaultTemporality,
      createdAt,
      expiresAt,
      revokedAt,
      lastUsedAt,
      seriesCount,
      samplesAccepted: usage?.accepted ?? 0,
      samplesRefused: usage?.refused ?? 0,
      countedSince: usage?.since ?? null,
    };
  }
}

/** A new token with its secret, which is shown only once. */
export class CreatedApiTokenResponse extends ApiTokenResponse {
  /** @example cmk_3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA */
  token: string;

  static ofCreated({ token, secret }: CreatedToken): CreatedApiTokenResponse {
    return Object.assign(ApiTokenResponse.of({ token, seriesCount: 0, usage: undefined }), { token: secret });
  }
}
