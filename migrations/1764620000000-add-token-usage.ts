import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Adds the numbers of samples that were pushed with each token. They have a table of their own, because they are updated often,
 * and every process reads all tokens twice a second.
 */
export class AddTokenUsage1764620000000 implements MigrationInterface {
  readonly name = 'AddTokenUsage1764620000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE token_usage (
        token_id int NOT NULL,
        accepted bigint NOT NULL,
        refused bigint NOT NULL,
        since timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT token_usage_pkey PRIMARY KEY (token_id)
      ) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000)`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE token_usage');
  }
}
