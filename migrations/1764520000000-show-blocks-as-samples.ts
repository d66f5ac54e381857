import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The samples of blocks, as rows of the view. The query starts from the series, so that one series needs only the blocks of its
 * bucket.
 */
const BLOCK_SAMPLES = `
  SELECT metric.name AS metric, series.labels, sample.at, sample.value
  FROM series
  JOIN metric ON metric.id = series.metric_id
  JOIN sample_block AS block ON block.bucket = series.id >> 6 AND (block.members >> (series.id & 63)) & 1 = 1
  CROSS JOIN LATERAL unnest(
    unpack_times(block.start_at, block.members, block.directory, block.packed, series.id),
    unpack_values(block.members, block.directory, block.packed, series.id)
  ) AS sample (at, value)
  WHERE series.deleted_at IS NULL AND sample.value <> 'NaN'`;

const CHUNK_SAMPLES = `
  SELECT metric.name AS metric, series.labels, chunk.start_at + packed.offset_ms * interval '1 millisecond' AS at, packed.value
  FROM series
  JOIN metric ON metric.id = series.metric_id
  JOIN sample_chunk AS chunk ON chunk.series_id = series.id
  CROSS JOIN LATERAL unnest(chunk.offsets_ms, chunk."values") AS packed (offset_ms, value)
  WHERE series.deleted_at IS NULL AND packed.value <> 'NaN'`;

const LOG_SAMPLES = `
  SELECT metric.name AS metric, series.labels,
         coalesce('epoch'::timestamptz + packed.at_ms * interval '1 millisecond', batch.received_at) AS at, packed.value
  FROM sample_batch AS batch
  CROSS JOIN LATERAL unnest(batch.series_ids, batch.timestamps, batch."values") AS packed (series_id, at_ms, value)
  JOIN series ON series.id = packed.series_id AND series.deleted_at IS NULL
  JOIN metric ON metric.id = series.metric_id
  WHERE packed.value <> 'NaN'`;

// All three leave out NaN, which equals itself in Postgres. It is a stale marker, and would break sums and averages.
const SAMPLES_WITH_BLOCKS = [BLOCK_SAMPLES, CHUNK_SAMPLES, LOG_SAMPLES].join('\nUNION ALL');

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
  JOIN metric ON metric.id = series.metric_id
  WHERE sample.value <> 'NaN'`;

/** Makes the view of raw samples show the samples of blocks in addition to those of chunks and of the log. */
export class ShowBlocksAsSamples1764520000000 implements MigrationInterface {
  readonly name = 'ShowBlocksAsSamples1764520000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`CREATE OR REPLACE VIEW metric_sample AS ${SAMPLES_WITH_BLOCKS}`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`CREATE OR REPLACE VIEW metric_sample AS ${SAMPLES}`);
  }
}
