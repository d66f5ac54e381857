import { Column, CreateDateColumn, Entity, Index, PrimaryColumn } from 'typeorm';

/** A row of `ingest_receipt`: a request with an Idempotency-Key, committed in the same transaction as its samples. */
@Entity('ingest_receipt', { synchronize: false })
@Index('ingest_receipt_created_at', ['createdAt'])
export class IngestReceiptEntity {
  @PrimaryColumn('int', { name: 'token_id', primaryKeyConstraintName: 'ingest_receipt_pkey' })
  tokenId: number;

  @PrimaryColumn('text', { name: 'idempotency_key', primaryKeyConstraintName: 'ingest_receipt_pkey' })
  idempotencyKey: string;

  /** The SHA-256 of the body after decompression. */
  @Column('bytea', { name: 'body_hash' })
  bodyHash: Buffer;

  /** The body of the response, which a replay returns again; null for the usual empty body. */
  @Column('jsonb', { nullable: true })
  answer: object | null;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt: Date;
}
