import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Adds the tables for forwarding to another store, and a trigger on the log.
 *
 * The trigger copies rows that have not been forwarded into `forwarding_row` when they leave the log. It is part of the DELETE of
 * the compaction, so a row is in the log, in that table, or forwarded, no matter which process is killed. Only rows for which the
 * table has no room are lost, and their samples are counted. The trigger also runs for processes of an older version, which know
 * nothing of forwarding, so a rolling upgrade loses no samples.
 */
export class AddForwarding1764850000000 implements MigrationInterface {
  readonly name = 'AddForwarding1764850000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE forwarding (
        id int,
        holder text,
        term bigint NOT NULL DEFAULT 0,
        expires_at timestamptz NOT NULL,
        is_started boolean NOT NULL DEFAULT false,
        forwarded_until timestamptz NOT NULL DEFAULT clock_timestamp(),
        claimed_writers int[],
        claimed_sequences bigint[],
        correction_id bigint NOT NULL DEFAULT 0,
        has_gap boolean NOT NULL DEFAULT false,
        left_out_samples bigint NOT NULL DEFAULT 0,
        max_queue_bytes bigint NOT NULL,
        max_queue_seconds int NOT NULL,
        ended_until timestamptz NOT NULL DEFAULT clock_timestamp(),
        CONSTRAINT forwarding_pkey PRIMARY KEY (id),
        CONSTRAINT forwarding_only_one CHECK (id = 1)
      )`);
    await queryRunner.query(`
      CREATE TABLE forwarding_position (
        writer_id int,
        sequence bigint NOT NULL,
        CONSTRAINT forwarding_position_pkey PRIMARY KEY (writer_id)
      )`);
    // A third of each page is free, so that an update of the totals finds room on the same page and touches no index.
    await queryRunner.query(`
      CREATE TABLE forwarding_total (
        bucket int,
        packed bytea NOT NULL,
        CONSTRAINT forwarding_total_pkey PRIMARY KEY (bucket)
      ) WITH (fillfactor = 65, autovacuum_vacuum_scale_factor = 0.2, autovacuum_vacuum_threshold = 1000)`);
    await queryRunner.query(`ALTER TABLE forwarding_total ALTER COLUMN packed SET STORAGE MAIN`);
    // The arrays are stored as in the log, and the limits of vacuum are those of the log, because every row is deleted
    // eventually.
    await queryRunner.query(`
      CREATE TABLE forwarding_row (
        LIKE sample_batch INCLUDING STORAGE INCLUDING COMPRESSION,
        CONSTRAINT forwarding_row_pkey PRIMARY KEY (writer_id, sequence)
      ) WITH (
        autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0,
        toast.autovacuum_vacuum_scale_factor = 0, toast.autovacuum_vacuum_threshold = 10000, toast.autovacuum_vacuum_cost_delay = 0)`);
    await queryRunner.query(`ALTER TABLE forwarding_row DROP COLUMN earliest_at, DROP COLUMN latest_at`);
    await this.createTrigger(queryRunner);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TRIGGER keep_unforwarded ON sample_batch');
    await queryRunner.query('DROP FUNCTION custom_metrics_keep_unforwarded()');
    for (const table of ['forwarding_row', 'forwarding_total', 'forwarding_position', 'forwarding']) {
      await queryRunner.query(`DROP TABLE ${table}`);
    }
  }

  private async createTrigger(queryRunner: QueryRunner): Promise<void> {
    const [{ schema }]: [{ schema: string }] = await queryRunner.query(
      'SELECT quote_ident(current_schema()) AS schema',
    );
    const queue = `'${`${schema}.forwarding_row`.replaceAll("'", "''")}'`;
    // An empty row only occupies a key. It is recognised by its stored size, because examining the array itself would read it.
    const unforwarded = `moved LEFT JOIN ${schema}.forwarding_position AS reached ON reached.writer_id = moved.writer_id
      WHERE moved.sequence > coalesce(reached.sequence, 0) AND pg_column_size(moved.series_ids) > 20`;
    // The file of a table keeps its size while deleted rows wait for vacuum, so the table may have up to twice the maximum size
    // of the rows.
    await queryRunner.query(`
      CREATE FUNCTION custom_metrics_keep_unforwarded() RETURNS trigger LANGUAGE plpgsql AS $$
      DECLARE
        room bigint;
        left_out bigint;
      BEGIN
        SELECT 2 * max_queue_bytes - pg_total_relation_size(${queue}) INTO room FROM ${schema}.forwarding WHERE is_started;
        IF NOT FOUND THEN
          RETURN NULL;
        ELSIF room > 0 THEN
          INSERT INTO ${schema}.forwarding_row (writer_id, sequence, received_at, series_ids, timestamps, "values")
            SELECT moved.writer_id, moved.sequence, moved.received_at, moved.series_ids, moved.timestamps, moved."values"
            FROM ${unforwarded}
            ON CONFLICT DO NOTHING;
        ELSE
          SELECT coalesce(sum(cardinality(moved.series_ids)), 0) INTO left_out FROM ${unforwarded};
          IF left_out > 0 THEN
            UPDATE ${schema}.forwarding SET has_gap = true, left_out_samples = left_out_samples + left_out;
          END IF;
        END IF;
        RETURN NULL;
      END
      $$`);
    await queryRunner.query(`
      CREATE TRIGGER keep_unforwarded AFTER DELETE ON sample_batch
        REFERENCING OLD TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION custom_metrics_keep_unforwarded()`);
  }
}
