import type { Temporality } from '../../catalog/metric/metric.js';
import type { ApiToken, Scope } from '../api-token.js';
import type { CreatedToken } from '../api-tokens.service.js';

/** A token as the admin API shows it. */
export class ApiTokenResponse {
  id: number;
  name: string;
  scopes: Scope[];
  /** Added to every sample that is pushed with the token. */
  labels: Record<string, string>;
  /** What counter samples of this token say when neither they nor their metric does. */
  defaultTemporality: Temporality | null;
  createdAt: Date;
  expiresAt: Date | null;
  revokedAt: Date | null;
  /** At most a minute behind. */
  lastUsedAt: Date | null;

  static of(token: ApiToken): ApiTokenResponse {
    return { ...token, scopes: [...token.scopes], labels: { ...token.labels } };
  }
}

/** A new token, with the secret that is shown this once. */
export class CreatedApiTokenResponse extends ApiTokenResponse {
  /** @example cmk_3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA */
  token: string;

  static ofCreated({ token, secret }: CreatedToken): CreatedApiTokenResponse {
    return Object.assign(ApiTokenResponse.of(token), { token: secret });
  }
}
