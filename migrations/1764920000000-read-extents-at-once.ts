import type { MigrationInterface, QueryRunner } from 'typeorm';
import { readOfRange, RESULT } from './1764820000000-read-at-once.js';
import { COUNTED_TURNS, isCurrent } from './1764860000000-take-turns.js';

const PARAMETERS = `known_place text, landmarks float8[], metric_ids int[], above_ids int[],
      range_starts bigint[], range_ends bigint[], all_ids int[], id_ends int[], all_buckets int[], bucket_ends int[],
      all_sum_ids int[], sum_ends int[], all_older_ids int[], older_ends int[], finds_older boolean, row_limit int`;

/**
 * Adds a function that reads everything that a small query needs, together with the extents and the names of its metrics. Processes of
 * older versions call `custom_metrics_read` in a statement that also reads these. Postgres plans that statement each time, which took a
 * third of the whole round trip.
 *
 * The function also finds blocks by their buckets. The plans of the former one can go through all blocks of a range instead. And it looks
 * for blocks before a range only if `finds_older` says so, because most queries find out that they don't need them.
 * `all_ids` has the ids of the series of all ranges, one range after the other, and `id_ends` has the number of ids up to the end of each
 * range. The other pairs of lists work in the same way.
 *
 * `fetched-rows.ts` describes the kinds of rows and the meaning of their columns.
 */
export class ReadExtentsAtOnce1764920000000 implements MigrationInterface {
  readonly name = 'ReadExtentsAtOnce1764920000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    const [{ schema }]: [{ schema: string }] = await queryRunner.query(
      'SELECT quote_ident(current_schema()) AS schema',
    );
    const range = readOfRange(schema, {
      isCurrent: `AND ${isCurrent('block', 'counted_turns')}`,
      ofBuckets: 'block.bucket = ANY(wanted_buckets) AND',
      needsOlder: 'finds_older AND cardinality(older_ids) > 0',
      beforeOlder: `IF counted_turns IS NULL THEN
            SELECT ${COUNTED_TURNS} INTO counted_turns FROM ${schema}.sample_merge AS merge;
          END IF;`,
    });
    await queryRunner.query(`
    CREATE FUNCTION custom_metrics_read_at_once(
      ${PARAMETERS}
    ) RETURNS TABLE (
      ${RESULT}
    ) LANGUAGE plpgsql STABLE ROWS 20
      SET plan_cache_mode = force_generic_plan SET jit = off SET TimeZone = 'UTC' AS $$
    #variable_conflict use_column
    DECLARE
      row_count bigint;
      from_at timestamptz; to_at timestamptz;
      log record;
      wanted_ids int[]; sum_ids int[]; older_ids int[]; wanted_buckets int[];
      counted_turns int8multirange;
      -- As an expression, this takes half the time of PERFORM.
      is_known CONSTANT boolean := ${schema}.custom_metrics_is_known(known_place, landmarks);
    BEGIN
      IF cardinality(metric_ids) > 0 THEN
        ${extents(schema)}
      END IF;
      FOR number IN 1..cardinality(range_starts) LOOP
        from_at := 'epoch'::timestamptz + range_starts[number] * interval '1 millisecond';
        to_at := 'epoch'::timestamptz + range_ends[number] * interval '1 millisecond';
        wanted_ids := all_ids[coalesce(id_ends[number - 1], 0) + 1 : id_ends[number]];
        sum_ids := all_sum_ids[coalesce(sum_ends[number - 1], 0) + 1 : sum_ends[number]];
        older_ids := all_older_ids[coalesce(older_ends[number - 1], 0) + 1 : older_ends[number]];
        wanted_buckets := all_buckets[coalesce(bucket_ends[number - 1], 0) + 1 : bucket_ends[number]];

        ${range}
      END LOOP;
    END
    $$`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP FUNCTION custom_metrics_read_at_once');
  }
}

/**
 * Returns SQL that reads the extents and the names of metrics. `known-series.ts` explains the ids of transactions, and the checksum, which
 * each process computes in the same way.
 */
function extents(schema: string): string {
  return `RETURN QUERY SELECT 0, 0, newer.count, counted.id, NULL::timestamptz, NULL::timestamptz,
          coalesce(newer.newest_id, 0), 0, 0, 0,
          pg_snapshot_xmin(pg_current_snapshot())::text::float8,
          pg_snapshot_xmax(pg_current_snapshot())::text::float8 + age(pg_snapshot_xmax(pg_current_snapshot())::xid),
          float8send(coalesce(newer.checksum, 0)), NULL::bytea, NULL::bytea, NULL::bytea
        FROM unnest(metric_ids, above_ids) AS counted (id, above_id)
        CROSS JOIN LATERAL (
          SELECT count(*) AS count, max(id) AS newest_id,
            sum(id::int8 * (id % 65521) % 4194301)::float8 AS checksum
          FROM ${schema}.series
          WHERE metric_id = counted.id AND id > counted.above_id AND deleted_at IS NULL AND forgotten_at IS NULL
        ) AS newer;
        RETURN QUERY SELECT 11, 0, coalesce(rename_id, metric.id)::int8, metric.id, NULL::timestamptz, NULL::timestamptz,
          0, 0, 0, 0, metric.xmin::text::float8, NULL::float8, NULL::bytea, NULL::bytea, NULL::bytea, NULL::bytea
        FROM ${schema}.metric WHERE metric.id = ANY(metric_ids) AND metric.deleted_at IS NULL;`;
}
