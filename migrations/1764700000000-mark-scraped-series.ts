import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Marks the series that arrive by remote write. They were scraped elsewhere, so the exposition must not show them: a Prometheus
 * that scrapes the service would write them again, each time with further labels.
 */
export class MarkScrapedSeries1764700000000 implements MigrationInterface {
  readonly name = 'MarkScrapedSeries1764700000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    // A constant default does not rewrite the table.
    await queryRunner.query('ALTER TABLE series ADD COLUMN is_scraped boolean NOT NULL DEFAULT false');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE series DROP COLUMN is_scraped');
  }
}
