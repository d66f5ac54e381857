import type { Temporality } from '../catalog/metric/metric.js';

export const SCOPES = ['ingest', 'frontend', 'read', 'scrape', 'admin'] as const;

/**
 * A permission of a token. No scope implies another: an admin token can't push, as in Unleash 8, and a frontend token, which
 * every visitor of a web page can read, can push only to the frontend API.
 */
export type Scope = (typeof SCOPES)[number];

/** A token without its secret. Only a hash of the secret is stored. */
export interface ApiToken {
  readonly id: number;
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** Labels that are added to every sample pushed with this token. They override the labels of the sample. */
  readonly labels: Readonly<Record<string, string>>;
  readonly defaultTemporality: Temporality | null;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
  readonly lastUsedAt: Date | null;
  /**
   * True if the token stands for a sender that the host's guard has named. The scopes, the labels and the temporality of such a
   * token can differ from request to request.
   */
  readonly isOfHost?: true;
  /**
   * The id of the session, if the request was sent by a session. In this case, `id` and `name` are those of the token that the
   * session belongs to, so that limits and counts of a token include its sessions. The other properties are those of the session.
   */
  readonly sessionId?: number;
}

/** The token of an admitted request. */
export type AdmittedToken = ApiToken & {
  /** The time in milliseconds that the request waited for Postgres to find the token; undefined if the token was known. */
  readonly waitedMs?: number;
};

/** The properties of a token that is to be created. */
export interface NewApiToken {
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly defaultTemporality?: Temporality | null;
  readonly expiresAt?: Date | null;
}
