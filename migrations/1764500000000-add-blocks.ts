import type { MigrationInterface, QueryRunner } from 'typeorm';

const COLUMNS =
  'id, start_at, end_at, members, falls, bucket, sample_count, directory, packed, delta_sums, delta_sum_lows';

/**
 * Adds the tables of blocks, which hold the samples of up to 64 series over one period in a few bits for each sample. The README
 * of src/sample-store/archive/block/ describes their format.
 *
 * Fresh and merged blocks are two tables and not one table that is partitioned on two levels, because Citus cannot distribute a
 * table of two levels.
 */
export class AddBlocks1764500000000 implements MigrationInterface {
  readonly name = 'AddBlocks1764500000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await createBlocks(queryRunner, 'sample_block_fresh');
    await createBlocks(queryRunner, 'sample_block_merged');
    await queryRunner.query(`
      CREATE VIEW sample_block AS
      SELECT ${COLUMNS}, false AS is_merged FROM sample_block_fresh
      UNION ALL
      SELECT ${COLUMNS}, true AS is_merged FROM sample_block_merged`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    const blocks: unknown[] = await queryRunner.query('SELECT 1 FROM sample_block LIMIT 1');
    if (blocks.length > 0) {
      throw new Error(
        'There are blocks, and the older version cannot read them: restore a backup of that version instead.',
      );
    }
    await queryRunner.query('DROP VIEW sample_block');
    await queryRunner.query('DROP TABLE sample_block_fresh');
    await queryRunner.query('DROP TABLE sample_block_merged');
  }
}

async function createBlocks(queryRunner: QueryRunner, table: string): Promise<void> {
  // Blocks take their ids from the same sequence as chunks, because both may have samples of one series at the same time, and the
  // order of the ids decides which of these samples arrived later. The columns are ordered so that none is padded.
  await queryRunner.query(`
    CREATE TABLE ${table} (
      id bigint NOT NULL DEFAULT nextval('sample_chunk_order'),
      start_at timestamptz NOT NULL,
      end_at timestamptz NOT NULL,
      members bigint NOT NULL,
      falls bigint NOT NULL,
      bucket int NOT NULL,
      sample_count int NOT NULL,
      directory bytea NOT NULL,
      packed bytea NOT NULL,
      delta_sums float8[],
      delta_sum_lows float8[],
      CONSTRAINT ${table}_pkey PRIMARY KEY (bucket, end_at, id)
    ) PARTITION BY RANGE (end_at)`);
  // Packed bytes can't be compressed further. From uncompressed bytes, substring() reads only the pages of the part that it
  // returns. The directory stays in the row, because every query reads it.
  await queryRunner.query(`
    ALTER TABLE ${table} ALTER COLUMN packed SET STORAGE EXTERNAL, ALTER COLUMN directory SET STORAGE MAIN`);
}
