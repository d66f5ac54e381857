import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Adds renames of metrics. `metric_rename` says who has renamed what, and `metric.rename_id` is the number of the latest rename
 * of a metric. The number comes from the same sequence as the ids of metrics, so of two metrics that had the same name, every
 * process can tell which one had it later.
 *
 * A process of an older version does not notice that a metric has another name, and takes a new metric of the old name for its
 * successor. Each process therefore says in its row of `sample_writer` that it follows renames, and a metric is renamed only
 * while all live processes say so.
 */
export class AddRenames1764830000000 implements MigrationInterface {
  readonly name = 'AddRenames1764830000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    // A constant default does not rewrite the table.
    await queryRunner.query('ALTER TABLE sample_writer ADD COLUMN follows_renames boolean NOT NULL DEFAULT false');
    await queryRunner.query('ALTER TABLE metric ADD COLUMN rename_id int');
    await queryRunner.query(`
      CREATE TABLE metric_rename (
        id int,
        at timestamptz NOT NULL DEFAULT clock_timestamp(),
        token_id int NOT NULL,
        from_name text NOT NULL,
        to_name text NOT NULL,
        series_count int NOT NULL,
        CONSTRAINT metric_rename_pkey PRIMARY KEY (id)
      )`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE metric_rename');
    await queryRunner.query('ALTER TABLE metric DROP COLUMN rename_id');
    await queryRunner.query('ALTER TABLE sample_writer DROP COLUMN follows_renames');
  }
}
