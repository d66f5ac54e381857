import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Lets Postgres count the series of a metric by an index alone. Every small query compares this number with the series that the process
 * knows, which took 7 of its 9 ms for a metric of 10,000 series, because each row of them was read.
 */
export class IndexCurrentSeries1764910000000 implements MigrationInterface {
  readonly name = 'IndexCurrentSeries1764910000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `CREATE INDEX series_current ON series (metric_id, id) WHERE deleted_at IS NULL AND forgotten_at IS NULL`,
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP INDEX series_current`);
  }
}
