import {
  Check,
  Column,
  CreateDateColumn,
  Entity,
  Index,
  JoinColumn,
  ManyToOne,
  PrimaryGeneratedColumn,
  type Relation,
  Unique,
} from 'typeorm';
import { ApiTokenEntity } from '../api-token.entity.js';
import type { SessionKind, SessionScope } from './session.js';

/**
 * A row of `explorer_session`: a session, or a sign-in secret, which opens one session. Both belong to a token and always expire.
 */
@Entity('explorer_session', { synchronize: false })
@Unique('explorer_session_secret_hash_key', ['secretHash'])
@Index('explorer_session_token_id', ['tokenId'])
@Check('explorer_session_kind_known', `kind IN ('session', 'sign_in')`)
export class ExplorerSessionEntity {
  @PrimaryGeneratedColumn('identity', {
    type: 'int',
    generatedIdentity: 'ALWAYS',
    primaryKeyConstraintName: 'explorer_session_pkey',
  })
  id: number;

  @Column('text')
  kind: SessionKind;

  @ManyToOne(() => ApiTokenEntity, { nullable: false, onDelete: 'CASCADE' })
  @JoinColumn({ name: 'token_id', foreignKeyConstraintName: 'explorer_session_token_id_fkey' })
  token: Relation<ApiTokenEntity>;

  @Column('int', { name: 'token_id' })
  tokenId: number;

  /** SHA-256 of the secret, as for tokens. */
  @Column('bytea', { name: 'secret_hash' })
  secretHash: Buffer;

  /** The scopes that the session took over from its token. A sign-in secret has none. */
  @Column('text', { array: true })
  scopes: SessionScope[];

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt: Date;

  @Column('timestamptz', { name: 'expires_at' })
  expiresAt: Date;
}
