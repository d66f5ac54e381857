import { hash, randomBytes } from 'node:crypto';

/** Makes our tokens recognisable, to people and to secret scanners. */
export const TOKEN_PREFIX = 'cmk_';

const SECRET_BYTES = 32;

/** A new secret; it is shown once and kept nowhere. */
export function createSecret(): string {
  return TOKEN_PREFIX + randomBytes(SECRET_BYTES).toString('base64url');
}

export function hashSecret(secret: string): Buffer {
  return hash('sha256', secret, 'buffer');
}

const BEARER = /^Bearer\s+/i;

/**
 * The secret in an Authorization header: the raw token, as Unleash's SDKs send it, or `Bearer` and the token.
 *
 * @returns undefined if the header is missing or empty
 */
export function secretOf(authorization: string | undefined): string | undefined {
  return authorization?.replace(BEARER, '').trim() || undefined;
}
