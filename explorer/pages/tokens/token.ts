import type { components } from '../../api/openapi.js';

/** A token as the list has it, without its secret. */
export type Token = components['schemas']['ApiTokenResponse'];

export type Scope = Token['scopes'][number];

/** Every scope, with what it allows. */
export const SCOPES: readonly { scope: Scope; allows: string }[] = [
  { scope: 'ingest', allows: 'push metrics' },
  { scope: 'frontend', allows: 'push from web pages, where everybody can read the token' },
  { scope: 'read', allows: 'query the history, and sign in here' },
  { scope: 'scrape', allows: 'read /metrics, where that needs a token' },
  { scope: 'admin', allows: 'manage tokens, declare and remove metrics' },
];

/** Whether the service still accepts a token. */
export function isUsable({ revokedAt, expiresAt }: Token, now = Date.now()): boolean {
  return revokedAt === null && (expiresAt === null || Date.parse(expiresAt) > now);
}
