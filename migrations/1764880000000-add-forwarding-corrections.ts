import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Adds the table of corrections that apply to rows of `forwarding_row`.
 *
 * A correction does not rewrite these rows, because there may be gigabytes of them, and reading them all would make every
 * correction impossible while the target is unreachable. It only notes what it has deleted, and the forwarding leaves those
 * samples out.
 */
export class AddForwardingCorrections1764880000000 implements MigrationInterface {
  readonly name = 'AddForwardingCorrections1764880000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE forwarding_correction (
        correction_id bigint,
        series_ids int[] NOT NULL,
        from_ms bigint NOT NULL,
        to_ms bigint NOT NULL,
        writers int[] NOT NULL,
        sequences bigint[] NOT NULL,
        CONSTRAINT forwarding_correction_pkey PRIMARY KEY (correction_id)
      )`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE forwarding_correction');
  }
}
