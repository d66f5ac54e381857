import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Adds functions by which a statement ensures that it runs on the database that its process has read.
 *
 * After a failover to an asynchronous standby, or after a restore, the ids that a process remembers may belong to other metrics,
 * series and tokens. A statement with such ids therefore calls `custom_metrics_is_known`, which raises an error on another
 * database.
 */
export class KnowTheDatabase1764300000000 implements MigrationInterface {
  readonly name = 'KnowTheDatabase1764300000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    // The result identifies the server and its tables: two servers never start in the same microsecond, and restored tables get
    // new oids. It is text, because a double may lose its last digit on the way to the client.
    await queryRunner.query(`
      CREATE FUNCTION custom_metrics_place() RETURNS text LANGUAGE sql STABLE AS $$
        SELECT extract(epoch FROM pg_postmaster_start_time())::text || '/' || to_regclass('sample_batch')::oid::text
      $$`);

    // Ids are assigned in ascending order and never reused. So if the newest metric, series and token that a process has seen,
    // and its own writer, still exist with the same creation time, every older id has the same meaning as before.
    // Times are compared in milliseconds, because the process receives no more precision and may have rounded up or down.
    await queryRunner.query(`
      CREATE FUNCTION custom_metrics_has_landmarks(landmarks float8[]) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
      BEGIN
        RETURN (SELECT (landmarks[1] IS NULL OR EXISTS (SELECT FROM metric WHERE id = landmarks[1]::int
                         AND abs(date_part('epoch', created_at) * 1000 - landmarks[2]) <= 1))
                   AND (landmarks[3] IS NULL OR EXISTS (SELECT FROM series WHERE id = landmarks[3]::int
                         AND abs(date_part('epoch', created_at) * 1000 - landmarks[4]) <= 1))
                   AND (landmarks[5] IS NULL OR EXISTS (SELECT FROM api_token WHERE id = landmarks[5]::int
                         AND abs(date_part('epoch', created_at) * 1000 - landmarks[6]) <= 1))
                   AND (landmarks[7] IS NULL OR EXISTS (SELECT FROM sample_writer WHERE id = landmarks[7]::int
                         AND abs(date_part('epoch', started_at) * 1000 - landmarks[8]) <= 1)));
      END
      $$`);

    // The SQLSTATE has a class that Postgres itself does not use.
    await queryRunner.query(`
      CREATE FUNCTION custom_metrics_is_known(place text, landmarks float8[]) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
      BEGIN
        IF place IS NULL OR (place = custom_metrics_place() AND custom_metrics_has_landmarks(landmarks)) THEN
          RETURN true;
        END IF;
        RAISE EXCEPTION 'This is not the database that the process has read.' USING ERRCODE = 'UM001';
      END
      $$`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP FUNCTION custom_metrics_is_known(text, float8[])');
    await queryRunner.query('DROP FUNCTION custom_metrics_has_landmarks(float8[])');
    await queryRunner.query('DROP FUNCTION custom_metrics_place()');
  }
}
