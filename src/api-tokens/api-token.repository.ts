import { Inject, Injectable } from '@nestjs/common';
import { DataSource, IsNull, type Repository } from 'typeorm';
import { ADVISORY_LOCKS } from '../database/advisory-locks.js';
import { CUSTOM_METRICS_DATA_SOURCE } from '../database/data-source.token.js';
import { inTransaction } from '../database/transaction.js';
import { KnownDatabase } from '../database/known-database.js';
import type { ApiToken, NewApiToken } from './api-token.js';
import { ApiTokenEntity } from './api-token.entity.js';

/** A token with the hash of its secret. */
export interface StoredToken {
  readonly hash: Buffer;
  readonly token: ApiToken;
}

/** Another process that starts at the same time holds the lock only while it inserts a few rows, so these limits are generous. */
const SEED_LIMITS = { statementTimeoutMs: 30_000, idleTimeoutMs: 20_000 };

/** Contains all SQL for tokens. */
@Injectable()
export class ApiTokenRepository {
  private readonly tokens: Repository<ApiTokenEntity>;

  constructor(
    @Inject(CUSTOM_METRICS_DATA_SOURCE) private readonly dataSource: DataSource,
    private readonly known: KnownDatabase,
  ) {
    this.tokens = dataSource.getRepository(ApiTokenEntity);
  }

  async create(token: NewApiToken, hash: Buffer): Promise<ApiToken> {
    return toToken(await this.tokens.save(this.toEntity(token, hash), { transaction: false }));
  }

  /** Returns all tokens including revoked ones, in the order of their creation. */
  async findAll(): Promise<ApiToken[]> {
    return (await this.tokens.find({ order: { id: 'ASC' } })).map(toToken);
  }

  async findUsable(): Promise<StoredToken[]> {
    const [place, landmarks] = this.known.values;
    const rows = await this.tokens
      .createQueryBuilder('token')
      .where({ revokedAt: IsNull() })
      .andWhere('custom_metrics_is_known(CAST(:place AS text), CAST(:landmarks AS float8[]))', { place, landmarks })
      .getMany();
    return rows.map((row) => ({ hash: row.tokenHash, token: toToken(row) }));
  }

  /** @returns false if the token does not exist or is already revoked */
  async revoke(id: number): Promise<boolean> {
    const result = await this.tokens.update({ id, revokedAt: IsNull() }, { revokedAt: () => 'now()' });
    return result.affected === 1;
  }

  async touch(ids: readonly number[], usedAt: Date): Promise<void> {
    await this.dataSource.query(
      `UPDATE api_token SET last_used_at = greatest(last_used_at, $2) WHERE id = ANY($1) AND ${this.known.condition(3)}`,
      [ids, usedAt, ...this.known.values],
    );
  }

  /** Returns whether there has ever been a token. */
  hasAny(): Promise<boolean> {
    return this.tokens.exists();
  }

  /**
   * Creates tokens only if there has never been one.
   *
   * @returns whether they were created
   */
  createIfNone(tokens: readonly { token: NewApiToken; hash: Buffer }[]): Promise<boolean> {
    return inTransaction(this.dataSource, SEED_LIMITS, async ({ manager: transaction }) => {
      await transaction.query('SELECT pg_advisory_xact_lock($1)', [ADVISORY_LOCKS.firstTokens]);
      if (await transaction.exists(ApiTokenEntity)) return false;
      await transaction.save(
        tokens.map(({ token, hash }) => this.toEntity(token, hash)),
        { transaction: false },
      );
      return true;
    });
  }

  private toEntity(token: NewApiToken, hash: Buffer): ApiTokenEntity {
    return this.tokens.create({
      name: token.name,
      tokenHash: hash,
      scopes: [...token.scopes],
      labels: { ...token.labels },
      defaultTemporality: token.defaultTemporality ?? null,
      expiresAt: token.expiresAt ?? null,
    });
  }
}

function toToken(row: ApiTokenEntity): ApiToken {
  return {
    id: row.id,
    name: row.name,
    scopes: row.scopes,
    labels: row.labels,
    defaultTemporality: row.defaultTemporality,
    createdAt: row.createdAt,
    expiresAt: row.expiresAt ?? null,
    revokedAt: row.revokedAt ?? null,
    lastUsedAt: row.lastUsedAt ?? null,
  };
}
