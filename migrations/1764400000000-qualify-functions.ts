import type { MigrationInterface, QueryRunner } from 'typeorm';

const LANDMARKS = { metric: 'created_at', series: 'created_at', api_token: 'created_at', sample_writer: 'started_at' };

/**
 * Qualifies the tables in the functions with their schema. Before this, the `search_path` of the caller decided which tables they
 * meant, so a function read a table of the host with the same name if the host's schema came first.
 *
 * The functions keep their signatures, so that processes of the previous version can still call them.
 */
export class QualifyFunctions1764400000000 implements MigrationInterface {
  readonly name = 'QualifyFunctions1764400000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    const [{ schema }]: [{ schema: string }] = await queryRunner.query(
      'SELECT quote_ident(current_schema()) AS schema',
    );
    await replaceFunctions(queryRunner, `${schema}.`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await replaceFunctions(queryRunner, '');
  }
}

/** @param prefix the schema with a dot, or an empty text */
async function replaceFunctions(queryRunner: QueryRunner, prefix: string): Promise<void> {
  // The body of the function is dollar-quoted, so it can contain single quotes. Those in the name of the schema must be doubled.
  const batches = `'${`${prefix}sample_batch`.replaceAll("'", "''")}'`;
  await queryRunner.query(`
    CREATE OR REPLACE FUNCTION custom_metrics_place() RETURNS text LANGUAGE sql STABLE AS $$
      SELECT extract(epoch FROM pg_postmaster_start_time())::text || '/' || to_regclass(${batches})::oid::text
    $$`);

  const conditions = Object.entries(LANDMARKS).map(([table, madeAt], index) => {
    const [id, at] = [`landmarks[${index * 2 + 1}]`, `landmarks[${index * 2 + 2}]`];
    return `(${id} IS NULL OR EXISTS (SELECT FROM ${prefix}${table} WHERE id = ${id}::int
               AND abs(date_part('epoch', ${madeAt}) * 1000 - ${at}) <= 1))`;
  });
  await queryRunner.query(`
    CREATE OR REPLACE FUNCTION custom_metrics_has_landmarks(landmarks float8[])
    RETURNS boolean LANGUAGE plpgsql STABLE AS $$
    BEGIN
      RETURN (SELECT ${conditions.join('\n                AND ')});
    END
    $$`);

  await queryRunner.query(`
    CREATE OR REPLACE FUNCTION custom_metrics_is_known(place text, landmarks float8[])
    RETURNS boolean LANGUAGE plpgsql STABLE AS $$
    BEGIN
      IF place IS NULL OR (place = ${prefix}custom_metrics_place()
          AND ${prefix}custom_metrics_has_landmarks(landmarks)) THEN
        RETURN true;
      END IF;
      RAISE EXCEPTION 'This is not the database that the process has read.' USING ERRCODE = 'UM001';
    END
    $$`);

  await queryRunner.query(`
    CREATE OR REPLACE FUNCTION custom_metrics_append(
      known_place text, newest_series int, newest_series_made float8, writer_made float8,
      writer int, sequence bigint, earliest timestamptz, latest timestamptz, ids int[], times bigint[], samples float8[]
    ) RETURNS float8 LANGUAGE plpgsql AS $$
    DECLARE
      arrival timestamptz;
    BEGIN
      IF known_place IS NULL OR (known_place = ${prefix}custom_metrics_place()
          AND (newest_series IS NULL OR EXISTS (SELECT FROM ${prefix}series WHERE id = newest_series
                 AND abs(date_part('epoch', created_at) * 1000 - newest_series_made) <= 1))
          AND (writer_made IS NULL OR EXISTS (SELECT FROM ${prefix}sample_writer WHERE id = writer
                 AND abs(date_part('epoch', started_at) * 1000 - writer_made) <= 1))) THEN
        INSERT INTO ${prefix}sample_batch (writer_id, sequence, earliest_at, latest_at, series_ids, timestamps, "values")
          VALUES (writer, sequence, earliest, latest, ids, times, samples) RETURNING received_at INTO arrival;
        RETURN round(date_part('epoch', arrival) * 1000);
      END IF;
      RAISE EXCEPTION 'This is not the database that the process has read.' USING ERRCODE = 'UM001';
    END
    $$`);
}
