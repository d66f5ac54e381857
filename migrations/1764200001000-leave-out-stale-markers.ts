import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The previous definition of the view. */
const SAMPLES = `
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
  JOIN metric ON metric.id = series.metric_id`;

/** Hides stale markers in the view. They are stored as samples with the value NaN, which would break sums and averages in SQL. */
export class LeaveOutStaleMarkers1764200001000 implements MigrationInterface {
  readonly name = 'LeaveOutStaleMarkers1764200001000';

  async up(queryRunner: QueryRunner): Promise<void> {
    // In Postgres, NaN equals itself, so this condition leaves it out.
    await queryRunner.query(`CREATE OR REPLACE VIEW metric_sample AS ${SAMPLES} WHERE sample.value <> 'NaN'`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`CREATE OR REPLACE VIEW metric_sample AS ${SAMPLES}`);
  }
}
