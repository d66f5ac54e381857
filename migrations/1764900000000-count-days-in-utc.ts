import type { MigrationInterface, QueryRunner } from 'typeorm';

const FUNCTION = 'custom_metrics_read(text, float8[], int[], bigint[], bigint[], int[], int[], int[], int)';

/**
 * Lets the function for small queries count in UTC. It looks for blocks that end up to a day after the range. In a session whose
 * time zone has daylight saving time, a day can have 23 hours, so it could miss a block of 24 hours.
 */
export class CountDaysInUtc1764900000000 implements MigrationInterface {
  readonly name = 'CountDaysInUtc1764900000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER FUNCTION ${FUNCTION} SET TimeZone = 'UTC'`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER FUNCTION ${FUNCTION} RESET TimeZone`);
  }
}
