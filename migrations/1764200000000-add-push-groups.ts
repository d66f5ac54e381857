import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Adds the table that records which series a Pushgateway group has pushed, so that the group can replace and delete them. */
export class AddPushGroups1764200000000 implements MigrationInterface {
  readonly name = 'AddPushGroups1764200000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE push_group_series (
        series_id int NOT NULL,
        group_identity bytea NOT NULL,
        CONSTRAINT push_group_series_pkey PRIMARY KEY (series_id),
        CONSTRAINT push_group_series_series_id_fkey FOREIGN KEY (series_id) REFERENCES series (id) ON DELETE CASCADE
      )`);
    await queryRunner.query(`CREATE INDEX push_group_series_identity ON push_group_series (group_identity)`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE push_group_series`);
  }
}
