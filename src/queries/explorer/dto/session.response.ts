import type { ApiToken } from '../../../api-tokens/api-token.js';
import { type OpenedSession, type SessionScope, sessionScopesOf } from '../../../api-tokens/sessions/session.js';
import { VERSION } from '../version.js';

/** The means by which a request was admitted: a session, a token that was sent directly, or a guard of the app. */
export type SignedInBy = 'session' | 'token' | 'host';

/** The facts about the service that the page needs. */
export interface ServiceFacts {
  readonly retentionDays: number;
  readonly routes: readonly string[];
  readonly serverTime: Date;
}

/** The session of a request, and the facts about the service that the page needs. */
export class SessionResponse {
  /**
   * The means by which the request was admitted: a session, a token that was sent directly, or a guard of the app. Only a session
   * can be ended.
   * @example session
   */
  signedInBy: SignedInBy;

  /**
   * The name of the token that opened the session or was sent directly, or of the sender that a guard of the app has admitted.
   * @example first admin token
   */
  tokenName: string;

  /**
   * The permissions of the request: `read` allows queries, and `admin` allows the management of tokens and metrics.
   * @example ["read", "admin"]
   */
  scopes: SessionScope[];

  /**
   * The time at which the session or the token expires; null if the token never expires, or if a guard of the app has admitted
   * the request.
   * @example 2026-11-29T02:00:00.000Z
   */
  expiresAt: Date | null;

  /**
   * The current time of the server.
   * @example 2026-11-28T14:00:00.000Z
   */
  serverTime: Date;

  /** @example 0.1.0 */
  version: string;

  /**
   * The number of days for which samples are kept.
   * @example 90
   */
  retentionDays: number;

  /**
   * The groups of routes that this service has. An app that uses the module can switch some off.
   * @example ["push", "pushgateway", "otlp", "remoteWrite", "unleash", "exposition", "history", "promql", "admin"]
   */
  routes: string[];

  static of(token: ApiToken, { retentionDays, routes, serverTime }: ServiceFacts): SessionResponse {
    return {
      signedInBy: token.sessionId !== undefined ? 'session' : token.isOfHost ? 'host' : 'token',
      tokenName: token.name,
      scopes: sessionScopesOf(token),
      expiresAt: token.expiresAt,
      serverTime,
      version: VERSION,
      retentionDays,
      routes: [...routes],
    };
  }
}

/** A new session with its secret, which is shown only once. */
export class OpenedSessionResponse extends SessionResponse {
  /**
   * The secret of the session. Requests send it in the header `Authorization`, like a token.
   * @example cms_3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
   */
  secret: string;

  static ofOpened({ token, secret }: OpenedSession, facts: ServiceFacts): OpenedSessionResponse {
    return Object.assign(SessionResponse.of(token, facts), { secret });
  }
}
