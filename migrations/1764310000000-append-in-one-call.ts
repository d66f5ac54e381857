import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Adds the function that checks the database and then inserts a row into the log.
 *
 * Postgres keeps the plans of statements in a function for the whole session. This also works with a pooler, where the next
 * client does not have the named statements of the previous one. Planning the insert and its checks each time took a third of the
 * time of each small commit.
 */
export class AppendInOneCall1764310000000 implements MigrationInterface {
  readonly name = 'AppendInOneCall1764310000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    // A row contains only the ids of series and of its writer, so it depends only on these two landmarks. The migration
    // KnowTheDatabase explains why the newest row stands for all older ones.
    await queryRunner.query(`
      CREATE FUNCTION custom_metrics_append(
        known_place text, newest_series int, newest_series_made float8, writer_made float8,
        writer int, sequence bigint, earliest timestamptz, latest timestamptz, ids int[], times bigint[], samples float8[]
      ) RETURNS float8 LANGUAGE plpgsql AS $$
      DECLARE
        arrival timestamptz;
      BEGIN
        IF known_place IS NULL OR (known_place = custom_metrics_place()
            AND (newest_series IS NULL OR EXISTS (SELECT FROM series WHERE id = newest_series
                   AND abs(date_part('epoch', created_at) * 1000 - newest_series_made) <= 1))
            AND (writer_made IS NULL OR EXISTS (SELECT FROM sample_writer WHERE id = writer
                   AND abs(date_part('epoch', started_at) * 1000 - writer_made) <= 1))) THEN
          INSERT INTO sample_batch (writer_id, sequence, earliest_at, latest_at, series_ids, timestamps, "values")
            VALUES (writer, sequence, earliest, latest, ids, times, samples) RETURNING received_at INTO arrival;
          RETURN round(date_part('epoch', arrival) * 1000);
        END IF;
        RAISE EXCEPTION 'This is not the database that the process has read.' USING ERRCODE = 'UM001';
      END
      $$`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      'DROP FUNCTION custom_metrics_append(text, int, float8, float8, int, bigint, timestamptz, timestamptz, int[], bigint[], float8[])',
    );
  }
}
