import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Adds the table of the newest refusals. Its size is bounded, and its rows are updated often, so vacuum starts early. */
export class AddRefusals1764610000000 implements MigrationInterface {
  readonly name = 'AddRefusals1764610000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE refusal (
        id bigint GENERATED ALWAYS AS IDENTITY,
        token_id int NOT NULL,
        reason text NOT NULL,
        metric text NOT NULL,
        message text NOT NULL,
        value text,
        first_at timestamptz NOT NULL,
        last_at timestamptz NOT NULL,
        count bigint NOT NULL,
        CONSTRAINT refusal_pkey PRIMARY KEY (id),
        CONSTRAINT refusal_of_token UNIQUE (token_id, reason, metric)
      ) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000)`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE refusal');
  }
}
