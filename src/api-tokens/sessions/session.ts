import type { ApiToken, Scope } from '../api-token.js';

/** The scopes that a session takes over from its token. A session never pushes and never scrapes. */
export const SESSION_SCOPES = ['read', 'admin'] as const satisfies readonly Scope[];

export type SessionScope = (typeof SESSION_SCOPES)[number];

/** The kind of a row of `explorer_session`: a session, or a sign-in secret, which opens one session. */
export type SessionKind = 'session' | 'sign_in';

/** A session that was just opened, with its secret, which can't be read again later. */
export interface OpenedSession {
  readonly token: ApiToken;
  readonly secret: string;
}

/** Returns the scopes of a token that a session would take over. */
export function sessionScopesOf({ scopes }: Pick<ApiToken, 'scopes'>): SessionScope[] {
  return SESSION_SCOPES.filter((scope) => scopes.includes(scope));
}
