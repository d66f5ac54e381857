import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Adds the table of corrections. Its rows say who has deleted which samples, and its newest id tells every process that live
 * values have changed without a new row of the log.
 *
 * A process of an older version does not look at this table, so it would go on to show the deleted samples. Each process
 * therefore says in its row of `sample_writer` that it follows corrections, and a correction is made only while all live
 * processes say so.
 */
export class AddCorrections1764810000000 implements MigrationInterface {
  readonly name = 'AddCorrections1764810000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    // A constant default does not rewrite the table.
    await queryRunner.query('ALTER TABLE sample_writer ADD COLUMN follows_corrections boolean NOT NULL DEFAULT false');
    await queryRunner.query(`
      CREATE TABLE correction (
        id bigint GENERATED ALWAYS AS IDENTITY,
        at timestamptz NOT NULL DEFAULT clock_timestamp(),
        token_id int NOT NULL,
        metric text NOT NULL,
        labels text[] NOT NULL,
        from_at timestamptz NOT NULL,
        to_at timestamptz NOT NULL,
        series_count int NOT NULL,
        sample_count bigint NOT NULL,
        block_count int NOT NULL,
        CONSTRAINT correction_pkey PRIMARY KEY (id)
      )`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE correction');
    await queryRunner.query('ALTER TABLE sample_writer DROP COLUMN follows_corrections');
  }
}
