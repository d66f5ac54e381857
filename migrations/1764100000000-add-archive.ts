import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Adds the archive: the chunks into which compaction moves the log, the totals that it stores in `series`, the receipts of
 * idempotent requests, and the columns for the removal of metrics and series.
 */
export class AddArchive1764100000000 implements MigrationInterface {
  readonly name = 'AddArchive1764100000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await this.extendCatalog(queryRunner);
    await this.extendLog(queryRunner);
    await this.createChunks(queryRunner);
    await this.createReceipts(queryRunner);
    await this.replaceView(queryRunner);
  }

  private async extendCatalog(queryRunner: QueryRunner): Promise<void> {
    // The columns last_* contain the complete sort key of the last sample (time, arrival, writer, sequence), so that a sample
    // of the same time that is still in the log is treated the same before and after a compaction. A forgotten series is
    // restored by the next push. A deleted series is never restored, because its identity is free for another one.
    await queryRunner.query(`
      ALTER TABLE series
        ADD COLUMN last_received_at timestamptz,
        ADD COLUMN last_writer_id int,
        ADD COLUMN last_sequence bigint,
        ADD COLUMN pushed_at timestamptz,
        ADD COLUMN forgotten_at timestamptz,
        ADD COLUMN deleted_at timestamptz`);
    // Compaction rewrites the totals of every series that was pushed. With free space on the page, this updates no index and
    // does not grow the table.
    await queryRunner.query(`ALTER TABLE series SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05)`);
    await queryRunner.query(
      `CREATE INDEX series_removed ON series (id) WHERE forgotten_at IS NOT NULL OR deleted_at IS NOT NULL`,
    );
    await queryRunner.query(`ALTER TABLE metric ADD COLUMN deleted_at timestamptz`);
  }

  private async extendLog(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE sample_writer ADD COLUMN folded_sequence bigint NOT NULL DEFAULT 0`);
    await queryRunner.query(`CREATE INDEX sample_batch_received_at ON sample_batch (received_at)`);
    // Every row of the log is deleted about two minutes after its arrival. If vacuum does not keep up, the table and its TOAST
    // table, which contains the arrays, grow to hold the data of a day instead of a few minutes.
    await queryRunner.query(`
      ALTER TABLE sample_batch SET (
        autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000,
        autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 100000,
        autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 5000,
        autovacuum_vacuum_cost_delay = 0,
        toast.autovacuum_vacuum_scale_factor = 0, toast.autovacuum_vacuum_threshold = 10000,
        toast.autovacuum_vacuum_insert_scale_factor = 0, toast.autovacuum_vacuum_insert_threshold = 1000000,
        toast.autovacuum_vacuum_cost_delay = 0)`);
  }

  private async createChunks(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`CREATE SEQUENCE sample_chunk_order`);
    // Fresh chunks have their own partitions, one for each period. When a period is closed, its chunks are merged into the
    // partition of the day and the fresh partition is dropped, so a partition that is kept never contains dead rows. The service
    // creates the partitions (archive.repository.ts).
    await queryRunner.query(`
      CREATE TABLE sample_chunk (
        id bigint NOT NULL DEFAULT nextval('sample_chunk_order'),
        start_at timestamptz NOT NULL,
        end_at timestamptz NOT NULL,
        delta_sum float8,
        delta_sum_low float8,
        series_id int NOT NULL,
        sample_count int NOT NULL,
        is_merged boolean NOT NULL,
        offsets_ms int[] NOT NULL,
        "values" float8[] NOT NULL,
        CONSTRAINT sample_chunk_pkey PRIMARY KEY (series_id, end_at, id, is_merged)
      ) PARTITION BY LIST (is_merged)`);
    // With lz4, the data has the same size on disk as with pglz, and is compressed and decompressed faster. Postgres may have
    // been built without lz4. Partitions inherit the setting.
    await queryRunner.query(`
      DO $$
      BEGIN
        IF (SELECT 'lz4' = ANY (enumvals) FROM pg_settings WHERE name = 'default_toast_compression') THEN
          ALTER TABLE sample_chunk
            ALTER COLUMN offsets_ms SET COMPRESSION lz4,
            ALTER COLUMN "values" SET COMPRESSION lz4;
        END IF;
      END
      $$`);
    await queryRunner.query(
      `CREATE TABLE sample_chunk_fresh PARTITION OF sample_chunk FOR VALUES IN (false) PARTITION BY RANGE (end_at)`,
    );
    await queryRunner.query(
      `CREATE TABLE sample_chunk_merged PARTITION OF sample_chunk FOR VALUES IN (true) PARTITION BY RANGE (end_at)`,
    );
  }

  private async createReceipts(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE ingest_receipt (
        token_id int NOT NULL,
        idempotency_key text NOT NULL,
        body_hash bytea NOT NULL,
        answer jsonb,
        created_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT ingest_receipt_pkey PRIMARY KEY (token_id, idempotency_key)
      )`);
    await queryRunner.query(`CREATE INDEX ingest_receipt_created_at ON ingest_receipt (created_at)`);
    await queryRunner.query(
      `ALTER TABLE ingest_receipt SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000)`,
    );
  }

  private async replaceView(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE OR REPLACE VIEW metric_sample AS
      SELECT metric.name AS metric, series.labels, sample.at, sample.value
      FROM (
        SELECT chunk.series_id,
               chunk.start_at + packed.offset_ms * interval '1 millisecond' AS at,
               packed.value
        FROM sample_chunk AS chunk
        CROSS JOIN LATERAL unnest(chunk.offsets_ms, chunk."values") AS packed (offset_ms, value)
        UNION ALL
        SELECT packed.series_id,
               coalesce('epoch'::timestamptz + packed.at_ms * interval '1 millisecond', batch.received_at) AS at,
               packed.value
        FROM sample_batch AS batch
        CROSS JOIN LATERAL unnest(batch.series_ids, batch.timestamps, batch."values") AS packed (series_id, at_ms, value)
      ) AS sample
      JOIN series ON series.id = sample.series_id AND series.deleted_at IS NULL
      JOIN metric ON metric.id = series.metric_id`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await this.refuseToLoseSamples(queryRunner);
    await queryRunner.query('DROP VIEW metric_sample');
    await queryRunner.query(`
      CREATE VIEW metric_sample AS
      SELECT metric.name AS metric,
             series.labels,
             coalesce('epoch'::timestamptz + sample.at_ms * interval '1 millisecond', batch.received_at) AS at,
             sample.value
      FROM sample_batch AS batch
      CROSS JOIN LATERAL unnest(batch.series_ids, batch.timestamps, batch."values") AS sample (series_id, at_ms, value)
      JOIN series ON series.id = sample.series_id
      JOIN metric ON metric.id = series.metric_id`);
    await queryRunner.query('DROP TABLE ingest_receipt');
    await queryRunner.query('DROP TABLE sample_chunk');
    await queryRunner.query('DROP SEQUENCE sample_chunk_order');
    await queryRunner.query(`
      ALTER TABLE sample_batch RESET (
        autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold,
        autovacuum_vacuum_insert_scale_factor, autovacuum_vacuum_insert_threshold,
        autovacuum_analyze_scale_factor, autovacuum_analyze_threshold, autovacuum_vacuum_cost_delay,
        toast.autovacuum_vacuum_scale_factor, toast.autovacuum_vacuum_threshold,
        toast.autovacuum_vacuum_insert_scale_factor, toast.autovacuum_vacuum_insert_threshold,
        toast.autovacuum_vacuum_cost_delay)`);
    await queryRunner.query('DROP INDEX sample_batch_received_at');
    await queryRunner.query('ALTER TABLE sample_writer DROP COLUMN folded_sequence');
    await queryRunner.query('ALTER TABLE metric DROP COLUMN deleted_at');
    await queryRunner.query('DROP INDEX series_removed');
    await queryRunner.query('ALTER TABLE series RESET (fillfactor, autovacuum_vacuum_scale_factor)');
    await queryRunner.query(`
      ALTER TABLE series
        DROP COLUMN last_received_at, DROP COLUMN last_writer_id, DROP COLUMN last_sequence,
        DROP COLUMN pushed_at, DROP COLUMN forgotten_at, DROP COLUMN deleted_at`);
  }

  /** Fails if there are chunks, because the older version can't read them. */
  private async refuseToLoseSamples(queryRunner: QueryRunner): Promise<void> {
    const chunks: unknown[] = await queryRunner.query('SELECT 1 FROM sample_chunk LIMIT 1');
    if (chunks.length > 0) {
      throw new Error(
        'There are chunks, and the older version cannot read them: restore a backup of that version instead.',
      );
    }
  }
}
