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
 * The secret in an Authorization header: the raw token, as Unleash's SDKs send it, `Bearer` and the token, or the password of
 * basic auth, whatever the user name is: clients of Pushgateway and of Prometheus' API may have nothing else.
 *
 * @returns undefined if the header is missing or empty
 */
export function secretOf(authorization: string | undefined): string | undefined {
  return passwordOf(authorization) ?? (authorization?.replace(BEARER, '').trim() || undefined);
}

const BASIC = /^Basic +([A-Za-z0-9+/=_-]+) *$/i;

/**
 * The password in an Authorization header of the kind `Basic` (RFC 7617).
 *
 * @returns undefined for a header of another kind
 */
function passwordOf(authorization: string | undefined): string | undefined {
  const encoded = BASIC.exec(authorization ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const credentials = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = credentials.indexOf(':');
  return colon === -1 ? undefined : credentials.slice(colon + 1);
}
