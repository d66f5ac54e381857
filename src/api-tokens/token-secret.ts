import { hash, randomBytes } from 'node:crypto';

/** The prefix by which people and secret scanners recognise our tokens. */
export const TOKEN_PREFIX = 'cmk_';

/** The prefix of the secrets of sessions. */
const SESSION_PREFIX = 'cms_';

/** The prefix of sign-in secrets. Each of them opens one session. */
const SIGN_IN_PREFIX = 'cml_';

const SECRET_BYTES = 32;

/** Creates the secret of a token. The database contains only its hash. */
export function createSecret(): string {
  return TOKEN_PREFIX + randomText();
}

export function createSessionSecret(): string {
  return SESSION_PREFIX + randomText();
}

export function createSignInSecret(): string {
  return SIGN_IN_PREFIX + randomText();
}

export function isSignInSecret(secret: string): boolean {
  return secret.startsWith(SIGN_IN_PREFIX);
}

function randomText(): string {
  return randomBytes(SECRET_BYTES).toString('base64url');
}

export function hashSecret(secret: string): Buffer {
  return hash('sha256', secret, 'buffer');
}

/**
 * Returns the hash that identifies a sender of the host. The hash differs from that of every secret, because its input starts
 * with a byte that never occurs in UTF-8.
 */
export function hashSenderName(name: string): Buffer {
  return hash('sha256', Buffer.concat([Buffer.of(0xff), Buffer.from(name)]), 'buffer');
}

const BEARER = /^Bearer\s+/i;

/**
 * Returns the secret in an Authorization header: the raw token, as Unleash's SDKs send it; `Bearer` and the token; or the
 * password of basic auth with any user name, because some clients of Pushgateway and of Prometheus' API support nothing else.
 *
 * @returns undefined if the header is missing or empty
 */
export function secretOf(authorization: string | undefined): string | undefined {
  return passwordOf(authorization) ?? (authorization?.replace(BEARER, '').trim() || undefined);
}

const BASIC = /^Basic +([A-Za-z0-9+/=_-]+) *$/i;

/**
 * Returns the password in an Authorization header with the scheme `Basic` (RFC 7617).
 *
 * @returns undefined for another scheme, or if the credentials contain no colon
 */
function passwordOf(authorization: string | undefined): string | undefined {
  const encoded = BASIC.exec(authorization ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const credentials = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = credentials.indexOf(':');
  return colon === -1 ? undefined : credentials.slice(colon + 1);
}
