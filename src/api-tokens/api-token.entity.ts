import { Check, Column, CreateDateColumn, Entity, PrimaryGeneratedColumn, Unique } from 'typeorm';
import type { Temporality } from '../catalog/metric/metric.js';
import type { Scope } from './api-token.js';

/** A row of the table `api_token`. */
@Entity('api_token', { synchronize: false })
@Unique('api_token_token_hash_key', ['tokenHash'])
@Check('api_token_scopes_known', `scopes <@ ARRAY['ingest', 'frontend', 'read', 'scrape', 'admin']`)
@Check('api_token_default_temporality_known', `default_temporality IN ('delta', 'cumulative')`)
export class ApiTokenEntity {
  @PrimaryGeneratedColumn('identity', { generatedIdentity: 'BY DEFAULT', primaryKeyConstraintName: 'api_token_pkey' })
  id: number;

  @Column('text')
  name: string;

  /**
   * SHA-256 of the secret, or of the name of a sender of the host. A fast hash is enough for the secrets that the service
   * creates, because they are 32 random bytes and not passwords.
   */
  @Column('bytea', { name: 'token_hash' })
  tokenHash: Buffer;

  @Column('text', { array: true })
  scopes: Scope[];

  @Column('jsonb', { default: {} })
  labels: Record<string, string>;

  @Column('text', { name: 'default_temporality', nullable: true })
  defaultTemporality: Temporality | null;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt: Date;

  @Column('timestamptz', { name: 'expires_at', nullable: true })
  expiresAt: Date | null;

  @Column('timestamptz', { name: 'revoked_at', nullable: true })
  revokedAt: Date | null;

  /** The time of the last use. It is written with a delay of up to half a minute. */
  @Column('timestamptz', { name: 'last_used_at', nullable: true })
  lastUsedAt: Date | null;
}
