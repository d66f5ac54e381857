import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { CUSTOM_METRICS_DATA_SOURCE } from '../database/data-source.token.js';
import { KnownDatabase } from '../database/known-database.js';
import { DatabaseSchema } from '../database/schema/database-schema.js';
import { inTransaction } from '../database/transaction.js';
import type { Temporality } from '../catalog/metric/metric.js';
import type { ApiToken, NewApiToken, Scope } from './api-token.js';

/** A token with the hash of its secret. */
export interface StoredToken {
  readonly hash: Buffer;
  readonly token: ApiToken;
}

/** A row of `api_token`. */
interface TokenRow {
  readonly id: number;
  readonly name: string;
  readonly token_hash: Buffer;
  readonly scopes: Scope[];
  readonly labels: Record<string, string>;
  readonly default_temporality: Temporality | null;
  readonly created_at: Date;
  readonly expires_at: Date | null;
  readonly revoked_at: Date | null;
  readonly last_used_at: Date | null;
}

/** A row of `api_token`, or a session with the name of its token. */
interface UsableRow extends TokenRow {
  readonly session_id: number | null;
}

const COLUMNS =
  'id, name, token_hash, scopes, labels, default_temporality, created_at, expires_at, revoked_at, last_used_at';

/**
 * Time limits of the transaction that creates the first tokens. They are rarely reached, because another process that starts at
 * the same time holds the lock only while it inserts a few rows.
 */
const SEED_LIMITS = { statementTimeoutMs: 30_000, idleTimeoutMs: 20_000, isBackground: true };

/** Contains all SQL for tokens. It does not use the entity, because the DataSource of a host may lack our entities. */
@Injectable()
export class ApiTokenRepository {
  constructor(
    @Inject(CUSTOM_METRICS_DATA_SOURCE) private readonly dataSource: DataSource,
    private readonly known: KnownDatabase,
    private readonly schema: DatabaseSchema,
  ) {}

  async create(token: NewApiToken, hash: Buffer): Promise<ApiToken> {
    const [row]: [TokenRow] = await this.dataSource.query(this.insertStatement(), valuesOf(token, hash));
    return toToken(row);
  }

  /** Returns all tokens including revoked ones, in the order of their creation. */
  async findAll(): Promise<ApiToken[]> {
    const rows: TokenRow[] = await this.dataSource.query(`SELECT ${COLUMNS} FROM ${this.schema}.api_token ORDER BY id`);
    return rows.map((row) => toToken(row));
  }

  /**
   * Returns the tokens that are not revoked, and the sessions of these tokens. Expired ones are included; the caller checks the
   * time of expiry.
   */
  async findUsable(): Promise<StoredToken[]> {
    const rows: UsableRow[] = await this.dataSource.query(
      `SELECT ${COLUMNS}, NULL::int AS session_id FROM ${this.schema}.api_token
       WHERE revoked_at IS NULL AND ${this.known.condition(1)}
       UNION ALL
       SELECT token.id, token.name, secret_hash, session.scopes, '{}', NULL, session.created_at, session.expires_at, NULL, NULL, session.id
       FROM ${this.schema}.explorer_session AS session JOIN ${this.schema}.api_token AS token ON token.id = token_id
       WHERE kind = 'session' AND token.revoked_at IS NULL`,
      [...this.known.values],
    );
    return rows.map((row) => ({ hash: row.token_hash, token: toToken(row, row.session_id) }));
  }

  /**
   * Revokes a token and ends its sessions.
   *
   * @returns false if the token does not exist or is already revoked
   */
  async revoke(id: number): Promise<boolean> {
    const [, count]: [unknown, number] = await this.dataSource.query(
      `WITH ended AS (DELETE FROM ${this.schema}.explorer_session WHERE token_id = $1)
       UPDATE ${this.schema}.api_token SET revoked_at = now() WHERE id = $1 AND revoked_at IS NULL`,
      [id],
    );
    return count === 1;
  }

  async touch(ids: readonly number[], usedAt: Date): Promise<void> {
    await this.dataSource.query(
      `UPDATE ${this.schema}.api_token SET last_used_at = greatest(last_used_at, $2)
       WHERE id = ANY($1) AND ${this.known.condition(3)}`,
      [ids, usedAt, ...this.known.values],
    );
  }

  /** Returns whether a token has ever been created. */
  async hasAny(): Promise<boolean> {
    const rows: unknown[] = await this.dataSource.query(`SELECT 1 FROM ${this.schema}.api_token LIMIT 1`);
    return rows.length > 0;
  }

  /**
   * Creates tokens only if none has ever been created.
   *
   * @returns whether they were created
   */
  createIfNone(tokens: readonly { token: NewApiToken; hash: Buffer }[]): Promise<boolean> {
    return inTransaction(this.dataSource, SEED_LIMITS, async (transaction) => {
      await transaction.query('SELECT pg_advisory_xact_lock($1)', [this.schema.lock('firstTokens')]);
      const existing: unknown[] = await transaction.query(`SELECT 1 FROM ${this.schema}.api_token LIMIT 1`);
      if (existing.length > 0) return false;
      for (const { token, hash } of tokens) await transaction.query(this.insertStatement(), valuesOf(token, hash));
      return true;
    });
  }

  /**
   * Creates the row of a sender, unless the sender already has one, even a revoked one. The statement counts the tokens without
   * scopes, because only the rows of senders have none. Processes that create senders at the same time can exceed the maximum by
   * a few.
   *
   * @returns false if there are too many senders to create the row
   */
  async createSender(name: string, hash: Buffer, maxSenders: number): Promise<boolean> {
    const rows: unknown[] = await this.dataSource.query(
      `WITH known AS (SELECT FROM ${this.schema}.api_token WHERE token_hash = $2),
         added AS (
           INSERT INTO ${this.schema}.api_token (name, token_hash, scopes)
           SELECT $1, $2, '{}'
           WHERE NOT EXISTS (SELECT FROM known)
             AND (SELECT count(*) FROM ${this.schema}.api_token WHERE scopes = '{}' AND revoked_at IS NULL) < $3
           ON CONFLICT (token_hash) DO UPDATE SET name = excluded.name
           RETURNING id
         )
       SELECT 1 FROM added UNION ALL SELECT 1 FROM known`,
      [name, hash, maxSenders],
    );
    return rows.length > 0;
  }

  private insertStatement(): string {
    return `INSERT INTO ${this.schema}.api_token (name, token_hash, scopes, labels, default_temporality, expires_at)
      VALUES ($1, $2, $3, $4, $5, $6) RETURNING ${COLUMNS}`;
  }
}

function valuesOf(token: NewApiToken, hash: Buffer): unknown[] {
  return [
    token.name,
    hash,
    [...token.scopes],
    JSON.stringify(token.labels ?? {}),
    token.defaultTemporality ?? null,
    token.expiresAt ?? null,
  ];
}

function toToken(row: TokenRow, sessionId: number | null = null): ApiToken {
  return {
    id: row.id,
    ...(sessionId === null ? {} : { sessionId }),
    name: row.name,
    scopes: row.scopes,
    labels: row.labels,
    defaultTemporality: row.default_temporality,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    revokedAt: row.revoked_at,
    lastUsedAt: row.last_used_at,
  };
}
