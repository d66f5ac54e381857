import type { MigrationInterface, QueryRunner } from 'typeorm';
import { replaceLandmarks } from './1764530000000-hand-over-to-blocks.js';
import { replaceReadAtOnce } from './1764820000000-read-at-once.js';

const COLUMNS =
  'id, start_at, end_at, members, falls, bucket, sample_count, directory, packed, delta_sums, delta_sum_lows';

/**
 * Adds the turns by which merged blocks change.
 *
 * A merged block is never changed, and the change that replaces it does not delete it. Instead, each row has the number of the
 * turn that has written it, and of the turn that has replaced it. `sample_merge.turn` is the newest turn that counts, so a change
 * becomes visible as a whole when that one row changes, wherever the rows of blocks are. Turns that failed are in `abandoned`.
 *
 * A process of an older version reads, merges and deletes merged blocks without regard to turns. Each process therefore says in
 * its row of `sample_writer` that it takes turns. Turns begin at a time when all live processes say so, and `begun_at` is this
 * time. From then on the database refuses older processes.
 */
export class TakeTurns1764860000000 implements MigrationInterface {
  readonly name = 'TakeTurns1764860000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    const schema = await schemaOf(queryRunner);
    // A constant default does not rewrite the table.
    await queryRunner.query('ALTER TABLE sample_writer ADD COLUMN takes_turns boolean NOT NULL DEFAULT false');
    await queryRunner.query(`
      CREATE TABLE sample_merge (
        id int NOT NULL DEFAULT 1,
        turn bigint NOT NULL DEFAULT 0,
        tried_turn bigint NOT NULL DEFAULT 0,
        abandoned int8multirange NOT NULL DEFAULT '{}',
        begun_at timestamptz,
        sweep_turn bigint NOT NULL DEFAULT 0,
        sweep_at timestamptz NOT NULL DEFAULT now(),
        swept_turn bigint NOT NULL DEFAULT 0,
        CONSTRAINT sample_merge_pkey PRIMARY KEY (id),
        CONSTRAINT sample_merge_one_row CHECK (id = 1)
      )`);
    await queryRunner.query('INSERT INTO sample_merge DEFAULT VALUES');
    // A block may replace one with the same bucket, end and id, and both rows exist for a day or longer.
    await queryRunner.query(`
      ALTER TABLE sample_block_merged
        ADD COLUMN turn bigint NOT NULL DEFAULT 0,
        ADD COLUMN replaced_turn bigint,
        DROP CONSTRAINT sample_block_merged_pkey,
        ADD CONSTRAINT sample_block_merged_pkey PRIMARY KEY (bucket, end_at, id, turn)`);
    await queryRunner.query(
      'CREATE INDEX sample_block_merged_replaced ON sample_block_merged (replaced_turn) WHERE replaced_turn IS NOT NULL',
    );
    await queryRunner.query(currentView());
    await replaceReadAtOnce(queryRunner, schema, {
      variables: 'counted_turns int8multirange;',
      begin: `SELECT ${COUNTED_TURNS} INTO counted_turns FROM ${schema}.sample_merge AS merge;`,
      isCurrent: `AND ${isCurrent('block', 'counted_turns')}`,
    });
    await replaceRefusal(
      queryRunner,
      schema,
      `IF NOT NEW.takes_turns AND EXISTS (SELECT FROM ${schema}.sample_merge WHERE begun_at IS NOT NULL) THEN
          RAISE EXCEPTION 'This database has merged blocks that this version of the service cannot tell from replaced ones. Start a newer version.';
        END IF;`,
    );
    await replaceLandmarks(
      queryRunner,
      schema,
      `${readsBlocks(schema)}
               AND (takes_turns OR NOT EXISTS (SELECT FROM ${schema}.sample_merge WHERE begun_at IS NOT NULL))`,
    );
    await queryRunner.query(`
      CREATE FUNCTION custom_metrics_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        RAISE EXCEPTION 'Merged blocks are changed by turns, which this version of the service does not take. Start a newer version.';
      END
      $$`);
  }

  /** Restores the former state exactly: it deletes the blocks that are not current, and keeps all others. */
  async down(queryRunner: QueryRunner): Promise<void> {
    const schema = await schemaOf(queryRunner);
    await queryRunner.query('LOCK TABLE sample_block_merged, sample_merge IN ACCESS EXCLUSIVE MODE');
    await queryRunner.query('DROP FUNCTION custom_metrics_refuse_change() CASCADE');
    await queryRunner.query(`
      DELETE FROM sample_block_merged AS block USING sample_merge AS merge
      WHERE NOT ${isCurrent('block', `(${COUNTED_TURNS})`)}`);
    await replaceLandmarks(queryRunner, schema, readsBlocks(schema));
    await replaceRefusal(queryRunner, schema, '');
    await replaceReadAtOnce(queryRunner, schema, { variables: '', begin: '', isCurrent: '' });
    await queryRunner.query(formerView());
    await queryRunner.query('DROP INDEX sample_block_merged_replaced');
    await queryRunner.query(`
      ALTER TABLE sample_block_merged
        DROP CONSTRAINT sample_block_merged_pkey,
        DROP COLUMN turn,
        DROP COLUMN replaced_turn,
        ADD CONSTRAINT sample_block_merged_pkey PRIMARY KEY (bucket, end_at, id)`);
    await queryRunner.query('DROP TABLE sample_merge');
    await queryRunner.query('ALTER TABLE sample_writer DROP COLUMN takes_turns');
  }
}

async function schemaOf(queryRunner: QueryRunner): Promise<string> {
  const [{ schema }]: [{ schema: string }] = await queryRunner.query('SELECT quote_ident(current_schema()) AS schema');
  return schema;
}

/** The set of turns that count, according to `sample_merge AS merge`. */
export const COUNTED_TURNS = `int8multirange(int8range(0, merge.turn, '[]')) - merge.abandoned`;

/** Returns an SQL condition that is true if a merged block is current, given the set of turns that count. */
export function isCurrent(block: string, counted: string): string {
  return `(${counted} @> ${block}.turn AND (${block}.replaced_turn IS NULL OR NOT ${counted} @> ${block}.replaced_turn))`;
}

/**
 * Returns the view with the current blocks. The condition is outside of the union. With a condition in one of the union's parts,
 * Postgres could not use the index of that table for a join.
 */
function currentView(): string {
  const noTurn = 'NULL::bigint AS turn, NULL::bigint AS replaced_turn';
  return `
    CREATE OR REPLACE VIEW sample_block AS
    SELECT ${COLUMNS}, is_merged FROM (
      SELECT ${COLUMNS}, false AS is_merged, ${noTurn} FROM sample_block_fresh
      UNION ALL SELECT ${COLUMNS}, false AS is_merged, ${noTurn} FROM sample_block_waiting
      UNION ALL SELECT ${COLUMNS}, true AS is_merged, turn, replaced_turn FROM sample_block_merged
    ) AS block
    WHERE block.turn IS NULL
      OR ${isCurrent('block', `(SELECT ${COUNTED_TURNS} FROM sample_merge AS merge)`)}`;
}

function formerView(): string {
  return `
    CREATE OR REPLACE VIEW sample_block AS
    SELECT ${COLUMNS}, false AS is_merged FROM sample_block_fresh
    UNION ALL SELECT ${COLUMNS}, false AS is_merged FROM sample_block_waiting
    UNION ALL SELECT ${COLUMNS}, true AS is_merged FROM sample_block_merged`;
}

function readsBlocks(schema: string): string {
  return `AND (reads_blocks OR NOT EXISTS (SELECT FROM ${schema}.sample_archive WHERE stores_blocks_since IS NOT NULL))`;
}

/** Replaces the function that refuses processes of older versions. */
async function replaceRefusal(queryRunner: QueryRunner, schema: string, check: string): Promise<void> {
  await queryRunner.query(`
      CREATE OR REPLACE FUNCTION custom_metrics_refuse_older_writer() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF NOT NEW.reads_blocks AND EXISTS (SELECT FROM ${schema}.sample_archive WHERE stores_blocks_since IS NOT NULL) THEN
          RAISE EXCEPTION 'This database has samples in blocks, which this version of the service cannot read. Start a newer version.';
        END IF;
        ${check}
        RETURN NEW;
      END
      $$`);
}
