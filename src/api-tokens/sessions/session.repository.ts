import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { CUSTOM_METRICS_DATA_SOURCE } from '../../database/data-source.token.js';
import { KnownDatabase } from '../../database/known-database.js';
import { DatabaseSchema } from '../../database/schema/database-schema.js';
import { SESSION_SCOPES, type SessionKind } from './session.js';

/** A session that is to be opened. */
export interface NewSession {
  /** The hash of its secret. */
  readonly hash: Buffer;
  readonly lifetimeSeconds: number;
  /** Maximum number of sessions of one token. Opening a further session ends the oldest. */
  readonly maxPerToken: number;
}

/**
 * Contains the SQL for sessions and sign-in secrets, with one exception: {@link ApiTokenRepository} reads sessions together with
 * tokens, and deletes the sessions of a token that it revokes.
 */
@Injectable()
export class SessionRepository {
  constructor(
    @Inject(CUSTOM_METRICS_DATA_SOURCE) private readonly dataSource: DataSource,
    private readonly known: KnownDatabase,
    private readonly schema: DatabaseSchema,
  ) {}

  /**
   * Opens a session of a token.
   *
   * @returns false if the token can't have sessions, because it was revoked, has expired, or lacks the scopes
   */
  async openByToken(tokenId: number, session: NewSession): Promise<boolean> {
    const rows: unknown[] = await this.dataSource.query(
      this.openStatement(`parent_of AS (SELECT $5::int AS id WHERE ${this.known.condition(6)})`),
      [...valuesOf(session), tokenId, ...this.known.values],
    );
    return rows.length > 0;
  }

  /**
   * Opens a session by a sign-in secret, and deletes the secret in the same statement, so that it works only once.
   *
   * @returns false if the secret is unknown or has expired, or if its token can't have sessions
   */
  async openBySignIn(signInHash: Buffer, session: NewSession): Promise<boolean> {
    const rows: unknown[] = await this.dataSource.query(
      this.openStatement(`parent_of AS (
        DELETE FROM ${this.schema}.explorer_session
        WHERE secret_hash = $5 AND kind = 'sign_in' AND expires_at > now() RETURNING token_id AS id)`),
      [...valuesOf(session), signInHash],
    );
    return rows.length > 0;
  }

  /**
   * Creates a secret that opens one session of a token.
   *
   * @param tokenId the token; undefined chooses the oldest token with both scopes of a session, or with one if none has both
   * @param max maximum number of unused secrets of the token; a further one replaces the oldest
   * @returns the name of the token; undefined if the given token can't have sessions, or if none is given and no token can
   */
  async createSignIn(
    hash: Buffer,
    { lifetimeSeconds, max, tokenId }: { lifetimeSeconds: number; max: number; tokenId?: number },
  ): Promise<string | undefined> {
    const rows: { name: string }[] = await this.dataSource.query(
      `WITH parent AS (
         SELECT id, name FROM ${this.schema}.api_token
         WHERE ($5::int IS NULL OR id = $5) AND ${MAY_HAVE_SESSIONS('$2')}
         ORDER BY scopes @> $2 DESC, id LIMIT 1
       ), replaced AS (${this.deleteOldest('sign_in', '$4')})
       INSERT INTO ${this.schema}.explorer_session (kind, token_id, secret_hash, scopes, expires_at)
       SELECT 'sign_in', id, $1, '{}', now() + make_interval(secs => $3) FROM parent RETURNING (SELECT name FROM parent)`,
      [hash, SESSION_SCOPES, lifetimeSeconds, max, tokenId ?? null],
    );
    return rows[0]?.name;
  }

  async end(id: number): Promise<void> {
    await this.dataSource.query(
      `DELETE FROM ${this.schema}.explorer_session WHERE id = $1 AND kind = 'session' AND ${this.known.condition(2)}`,
      [id, ...this.known.values],
    );
  }

  /**
   * Removes sessions and sign-in secrets that have expired or whose token was revoked.
   *
   * @param limit the maximum number of rows to remove
   * @returns the number of removed rows; rows that another process is removing are skipped
   */
  async deleteEnded(limit: number): Promise<number> {
    const [, count]: [unknown, number] = await this.dataSource.query(
      `DELETE FROM ${this.schema}.explorer_session WHERE id = ANY (ARRAY(
         SELECT own.id FROM ${this.schema}.explorer_session AS own
         JOIN ${this.schema}.api_token AS parent ON parent.id = own.token_id
         WHERE own.expires_at <= now() OR parent.revoked_at IS NOT NULL
         ORDER BY own.id LIMIT $1
         FOR UPDATE OF own SKIP LOCKED))`,
      [limit],
    );
    return count;
  }

  /**
   * @param parentOf the definition of `parent_of`, which selects the id of the token that the session belongs to. Its parameters
   *   start at $5.
   */
  private openStatement(parentOf: string): string {
    return `WITH ${parentOf}, parent AS (
        SELECT id, scopes, expires_at FROM ${this.schema}.api_token
        WHERE id = (SELECT id FROM parent_of) AND ${MAY_HAVE_SESSIONS('$2')}
      ), replaced AS (${this.deleteOldest('session', '$4')})
      INSERT INTO ${this.schema}.explorer_session (kind, token_id, secret_hash, scopes, expires_at)
      SELECT 'session', id, $1, ARRAY(SELECT scope FROM unnest(scopes) AS scope WHERE scope = ANY($2)),
             least(now() + make_interval(secs => $3), expires_at)
      FROM parent RETURNING id`;
  }

  /** Returns the statement that makes room for one more row of a kind. Rows that another process is removing are skipped. */
  private deleteOldest(kind: SessionKind, max: string): string {
    return `DELETE FROM ${this.schema}.explorer_session WHERE id = ANY (ARRAY(
      SELECT id FROM ${this.schema}.explorer_session WHERE token_id = (SELECT id FROM parent) AND kind = '${kind}'
      ORDER BY id DESC OFFSET ${max}::int - 1 FOR UPDATE SKIP LOCKED))`;
  }
}

/** Returns the SQL condition for tokens that can have sessions. They are usable and have at least one scope of a session. */
const MAY_HAVE_SESSIONS = (scopes: string) =>
  `revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now()) AND scopes && ${scopes}::text[]`;

function valuesOf({ hash, lifetimeSeconds, maxPerToken }: NewSession): unknown[] {
  return [hash, SESSION_SCOPES, lifetimeSeconds, maxPerToken];
}
