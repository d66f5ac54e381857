import type { components } from '../../api/openapi.js';

/** The numbers of series and samples of a token. */
interface TokenFigures {
  seriesCount: number;
  samplesAccepted: number;
  samplesRefused: number;
  /** The time since which samples are counted, or null if none were pushed. */
  countedSince: string | null;
}

/** A token in the list, without its secret. An older service does not return the figures. */
export type Token = components['schemas']['ApiTokenResponse'] & Partial<TokenFigures>;

export type Scope = Token['scopes'][number];

/** Every scope, with what it allows. */
export const SCOPES: readonly { scope: Scope; allows: string }[] = [
  { scope: 'ingest', allows: 'push metrics' },
  { scope: 'frontend', allows: 'push from web pages, where everybody can read the token' },
  { scope: 'read', allows: 'query the history, and sign in here' },
  { scope: 'scrape', allows: 'read /metrics, where that needs a token' },
  { scope: 'admin', allows: 'manage tokens, declare and remove metrics' },
];

/** Returns whether the service still accepts a token. */
export function isUsable({ revokedAt, expiresAt }: Token, now = Date.now()): boolean {
  return revokedAt === null && (expiresAt === null || Date.parse(expiresAt) > now);
}
