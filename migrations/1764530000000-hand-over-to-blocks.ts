import type { MigrationInterface, QueryRunner } from 'typeorm';

const LANDMARKS = { metric: 'created_at', series: 'created_at', api_token: 'created_at' };

/**
 * Lets the processes of a rolling upgrade agree on when blocks are written.
 *
 * A process of an older version reads only chunks, so it would miss the samples of blocks. Each process therefore says in its row
 * of `sample_writer` whether it reads blocks. Blocks are written once `sample_archive` contains the time of the change, and no
 * process sets this time while an older process is alive. From then on the database refuses older processes: they can neither
 * register nor renew their heartbeat, and their queries fail as they would on an unknown database.
 */
export class HandOverToBlocks1764530000000 implements MigrationInterface {
  readonly name = 'HandOverToBlocks1764530000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    const [{ schema }]: [{ schema: string }] = await queryRunner.query(
      'SELECT quote_ident(current_schema()) AS schema',
    );
    await queryRunner.query('ALTER TABLE sample_writer ADD COLUMN reads_blocks boolean NOT NULL DEFAULT false');
    await queryRunner.query(`
      CREATE TABLE sample_archive (
        id int NOT NULL DEFAULT 1,
        stores_blocks_since timestamptz,
        CONSTRAINT sample_archive_pkey PRIMARY KEY (id),
        CONSTRAINT sample_archive_one_row CHECK (id = 1)
      )`);
    await queryRunner.query('INSERT INTO sample_archive DEFAULT VALUES');
    await queryRunner.query(`
      CREATE FUNCTION custom_metrics_refuse_older_writer() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF NOT NEW.reads_blocks AND EXISTS (SELECT FROM ${schema}.sample_archive WHERE stores_blocks_since IS NOT NULL) THEN
          RAISE EXCEPTION 'This database has samples in blocks, which this version of the service cannot read. Start a newer version.';
        END IF;
        RETURN NEW;
      END
      $$`);
    await queryRunner.query(`
      CREATE TRIGGER sample_writer_reads_blocks BEFORE INSERT OR UPDATE OF alive_at ON sample_writer
      FOR EACH ROW EXECUTE FUNCTION custom_metrics_refuse_older_writer()`);
    await replaceLandmarks(
      queryRunner,
      schema,
      `AND (reads_blocks OR NOT EXISTS (SELECT FROM ${schema}.sample_archive WHERE stores_blocks_since IS NOT NULL))`,
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    const blocks: unknown[] = await queryRunner.query('SELECT 1 FROM sample_block LIMIT 1');
    if (blocks.length > 0) {
      throw new Error(
        'There are blocks, and the older version cannot read them: restore a backup of that version instead.',
      );
    }
    const [{ schema }]: [{ schema: string }] = await queryRunner.query(
      'SELECT quote_ident(current_schema()) AS schema',
    );
    await replaceLandmarks(queryRunner, schema, '');
    await queryRunner.query('DROP TRIGGER sample_writer_reads_blocks ON sample_writer');
    await queryRunner.query('DROP FUNCTION custom_metrics_refuse_older_writer()');
    await queryRunner.query('DROP TABLE sample_archive');
    await queryRunner.query('ALTER TABLE sample_writer DROP COLUMN reads_blocks');
  }
}

/**
 * Replaces the function that compares landmarks.
 *
 * @param condition an additional condition on the row of the writer
 */
export async function replaceLandmarks(queryRunner: QueryRunner, schema: string, condition: string): Promise<void> {
  const conditions = Object.entries({ ...LANDMARKS, sample_writer: 'started_at' }).map(([table, madeAt], index) => {
    const [id, at] = [`landmarks[${index * 2 + 1}]`, `landmarks[${index * 2 + 2}]`];
    return `(${id} IS NULL OR EXISTS (SELECT FROM ${schema}.${table} WHERE id = ${id}::int
               AND abs(date_part('epoch', ${madeAt}) * 1000 - ${at}) <= 1 ${table === 'sample_writer' ? condition : ''}))`;
  });
  await queryRunner.query(`
    CREATE OR REPLACE FUNCTION custom_metrics_has_landmarks(landmarks float8[])
    RETURNS boolean LANGUAGE plpgsql STABLE AS $$
    BEGIN
      RETURN (SELECT ${conditions.join('\n                AND ')});
    END
    $$`);
}
