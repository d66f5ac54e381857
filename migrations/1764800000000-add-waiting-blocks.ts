import type { MigrationInterface, QueryRunner } from 'typeorm';

const COLUMNS =
  'id, start_at, end_at, members, falls, bucket, sample_count, directory, packed, delta_sums, delta_sum_lows';

/**
 * Adds the table for blocks of slow series that wait for the end of a longer period, by default a day, when they are merged a
 * second time. The table is separate, so that its partitions can be dropped after that. In a partition that is kept, the merged
 * rows would leave dead space.
 */
export class AddWaitingBlocks1764800000000 implements MigrationInterface {
  readonly name = 'AddWaitingBlocks1764800000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE sample_block_waiting (
        LIKE sample_block_merged INCLUDING DEFAULTS INCLUDING STORAGE,
        CONSTRAINT sample_block_waiting_pkey PRIMARY KEY (bucket, end_at, id)
      ) PARTITION BY RANGE (end_at)`);
    await queryRunner.query(
      viewOf({ sample_block_fresh: false, sample_block_waiting: false, sample_block_merged: true }),
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    const blocks: unknown[] = await queryRunner.query('SELECT 1 FROM sample_block_waiting LIMIT 1');
    if (blocks.length > 0) {
      throw new Error(
        'There are blocks that wait for their second merge, and the older version cannot read them. Let the service run for another ' +
          'day with SLOW_SERIES_PERIOD=10s, so that it merges them.',
      );
    }
    await queryRunner.query(viewOf({ sample_block_fresh: false, sample_block_merged: true }));
    await queryRunner.query('DROP TABLE sample_block_waiting');
  }
}

function viewOf(tables: Readonly<Record<string, boolean>>): string {
  const selects = Object.entries(tables).map(
    ([table, isMerged]) => `SELECT ${COLUMNS}, ${isMerged} AS is_merged FROM ${table}`,
  );
  return `CREATE OR REPLACE VIEW sample_block AS ${selects.join(' UNION ALL ')}`;
}
