import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Gives each installation that forwards samples an id, and adds the table of installations from which samples have arrived here.
 * With both, an installation recognises its own samples when they come back, even by way of other installations.
 */
export class RecogniseForwardingCircles1764890000000 implements MigrationInterface {
  readonly name = 'RecogniseForwardingCircles1764890000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    // The column gets its value when a process takes the lease, because a process of an older version may have inserted the row.
    await queryRunner.query('ALTER TABLE forwarding ADD COLUMN installation uuid');
    await queryRunner.query(`
      CREATE TABLE forwarding_source (
        installation uuid,
        seen_at timestamptz NOT NULL,
        CONSTRAINT forwarding_source_pkey PRIMARY KEY (installation)
      )`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE forwarding_source');
    await queryRunner.query('ALTER TABLE forwarding DROP COLUMN installation');
  }
}
