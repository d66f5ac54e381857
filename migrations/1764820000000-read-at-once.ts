import type { MigrationInterface, QueryRunner } from 'typeorm';

const DAY = `interval '1 day'`;
/** Packed bytes up to this size are sent whole, because another round trip would cost more. */
const SMALL_PACKED_BYTES = 65_536;
/** Maximum number of samples in all log rows of a range. Each sample takes 20 bytes in the answer. */
const MAX_LOG_SAMPLES = 200_000;
const OLDER_BLOCKS = 3;

/** The columns of the rows that the function returns. */
export const RESULT = `kind int, range_number int, id bigint, owner int, start_at timestamptz, end_at timestamptz,
      members_high int, members_low int, falls_high int, falls_low int, sum float8, sum_low float8,
      directory bytea, packed bytea, delta_sums bytea, delta_sum_lows bytea`;

const SIGNATURE = 'text, float8[], int[], bigint[], bigint[], int[], int[], int[], int';

/**
 * Adds the function that reads everything that a small query needs.
 *
 * A function that is STABLE sees the snapshot of the statement that calls it, so all of its rows are from one consistent view,
 * without a transaction and in one round trip. Postgres keeps the plans of its statements for the whole session. Planning them
 * took longer than running them. A generic plan leaves out the partitions outside of the range when it begins to run.
 *
 * `fetched-rows.ts` describes the kinds of rows and the meaning of their columns.
 */
export class ReadAtOnce1764820000000 implements MigrationInterface {
  readonly name = 'ReadAtOnce1764820000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    const [{ schema }]: [{ schema: string }] = await queryRunner.query(
      'SELECT quote_ident(current_schema()) AS schema',
    );
    await replaceReadAtOnce(queryRunner, schema, { variables: '', begin: '', isCurrent: '' });
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP FUNCTION custom_metrics_read(${SIGNATURE})`);
  }
}

/** The parts of the function that leave out merged blocks which are not current. */
interface TurnParts {
  /** The declarations of the variables that `begin` sets and `isCurrent` uses. */
  readonly variables: string;
  /** The statements with which the function begins. */
  readonly begin: string;
  /** A further condition, beginning with AND, on a merged block with the alias `block`. */
  readonly isCurrent: string;
}

/** Creates the function, or replaces it. */
export async function replaceReadAtOnce(
  queryRunner: QueryRunner,
  schema: string,
  { variables, begin, isCurrent }: TurnParts,
): Promise<void> {
  await queryRunner.query(`
    CREATE OR REPLACE FUNCTION custom_metrics_read(
      known_place text, landmarks float8[], metric_ids int[], range_starts bigint[], range_ends bigint[],
      numbers int[], ids int[], ways int[], row_limit int
    ) RETURNS TABLE (
      ${RESULT}
    ) LANGUAGE plpgsql STABLE ROWS 20 SET plan_cache_mode = force_generic_plan SET jit = off AS $$
    #variable_conflict use_column
    DECLARE
      row_count bigint;
      from_at timestamptz; to_at timestamptz;
      log record;
      wanted_ids int[]; sum_ids int[]; older_ids int[];
        ${variables}
    BEGIN
      PERFORM ${schema}.custom_metrics_is_known(known_place, landmarks);
        ${begin}
      RETURN QUERY SELECT 0, 0, count(*), series.metric_id, NULL::timestamptz, NULL::timestamptz,
        max(series.id), 0, 0, 0, NULL::float8, NULL::float8, NULL::bytea, NULL::bytea, NULL::bytea, NULL::bytea
      FROM ${schema}.series WHERE series.metric_id = ANY(metric_ids) AND deleted_at IS NULL AND forgotten_at IS NULL
      GROUP BY series.metric_id;
      FOR number IN 1..cardinality(range_starts) LOOP
        from_at := 'epoch'::timestamptz + range_starts[number] * interval '1 millisecond';
        to_at := 'epoch'::timestamptz + range_ends[number] * interval '1 millisecond';
        SELECT coalesce(array_agg(each.id), '{}'), coalesce(array_agg(each.id) FILTER (WHERE each.way = 1), '{}'),
               coalesce(array_agg(each.id) FILTER (WHERE each.way = 2), '{}')
          INTO wanted_ids, sum_ids, older_ids
        FROM unnest(numbers, ids, ways) AS each (number_of, id, way) WHERE each.number_of = number;

        ${readOfRange(schema, { isCurrent, ofBuckets: '', needsOlder: 'cardinality(older_ids) > 0', beforeOlder: '' })}
      END LOOP;
    END
    $$`);
}

/** How the statements that read a range differ between versions of the function. */
interface RangeParts {
  /** A further condition, beginning with AND, on a merged block with the alias `block`. */
  readonly isCurrent: string;
  /** A further condition on a block of the range, whose alias is `block`. It ends with AND, or is empty. */
  readonly ofBuckets: string;
  /** The condition under which the last samples before the range are looked for. */
  readonly needsOlder: string;
  /** Statements before that search. */
  readonly beforeOlder: string;
}

/** Returns SQL that reads one range. The variables for its limits and its series must have been set. */
export function readOfRange(schema: string, { isCurrent, ofBuckets, needsOlder, beforeOlder }: RangeParts): string {
  const olderBlocks = (kind: number, table: string, condition = '') => olderBlocksOf(schema, kind, table, condition);
  return `-- The limits are checked before any array is sent.
        FOR log IN
          SELECT sequence, writer_id, received_at, series_ids, timestamps, "values",
            row_number() OVER (ORDER BY received_at, writer_id, sequence) AS place,
            count(*) OVER () > row_limit OR sum(cardinality(series_ids)) OVER () > ${MAX_LOG_SAMPLES} AS too_many
          FROM ${schema}.sample_batch
          WHERE (cardinality(sum_ids) + cardinality(older_ids) > 0 OR coalesce(latest_at, received_at) >= from_at)
            AND coalesce(earliest_at, received_at) < to_at AND series_ids && wanted_ids
        LOOP
          IF log.too_many THEN
            ${tooMany}
          END IF;
          RETURN QUERY SELECT 5, number, log.sequence, log.writer_id, log.received_at, NULL::timestamptz,
            log.place::int, 0, 0, 0, NULL::float8, NULL::float8, array_send(log.series_ids), array_send(log.timestamps),
            array_send(log."values"), NULL::bytea;
        END LOOP;

        RETURN QUERY SELECT 6, number, block.id, block.bucket, block.start_at, block.end_at, ${members('block')},
          NULL::float8, NULL::float8, block.directory,
          CASE WHEN octet_length(block.packed) <= ${SMALL_PACKED_BYTES} THEN block.packed END,
          array_send(block.delta_sums), array_send(block.delta_sum_lows)
        FROM (${wantedMembers('wanted_ids')}) AS wanted
        JOIN ${schema}.sample_block AS block ON block.bucket = wanted.bucket AND block.members & wanted.members <> 0
        WHERE ${ofBuckets} block.end_at >= from_at AND block.end_at < to_at + ${DAY} AND block.start_at < to_at
        LIMIT row_limit + 1;
        ${refuseTooMany}

        RETURN QUERY SELECT 2, number, chunk.id, chunk.series_id, chunk.start_at, NULL::timestamptz, 0, 0, 0, 0,
          chunk.delta_sum, chunk.delta_sum_low, array_send(chunk.offsets_ms), array_send(chunk."values"),
          NULL::bytea, NULL::bytea
        FROM ${schema}.sample_chunk AS chunk
        WHERE chunk.series_id = ANY(wanted_ids) AND chunk.end_at >= from_at AND chunk.end_at < to_at + ${DAY}
          AND chunk.start_at < to_at
        LIMIT row_limit + 1;
        ${refuseTooMany}

        IF cardinality(sum_ids) > 0 THEN
          RETURN QUERY SELECT 1, number, NULL::bigint, series.id, NULL::timestamptz, NULL::timestamptz, 0, 0, 0, 0,
            series.total, series.total_low, NULL::bytea, NULL::bytea, NULL::bytea, NULL::bytea
          FROM ${schema}.series WHERE series.id = ANY(sum_ids);
          RETURN QUERY SELECT 7, number, block.id, block.bucket, block.start_at, block.end_at, ${members('block')},
            NULL::float8, NULL::float8, block.directory, NULL::bytea,
            array_send(block.delta_sums), array_send(block.delta_sum_lows)
          FROM (${wantedMembers('sum_ids')}) AS wanted
          JOIN ${schema}.sample_block AS block ON block.bucket = wanted.bucket AND block.members & wanted.members <> 0
          WHERE ${ofBuckets} block.end_at >= to_at AND block.delta_sums IS NOT NULL
          LIMIT row_limit + 1;
          ${refuseTooMany}
          RETURN QUERY SELECT 3, number, NULL::bigint, chunk.series_id, NULL::timestamptz, NULL::timestamptz, 0, 0, 0, 0,
            NULL::float8, NULL::float8, array_send(array_agg(chunk.delta_sum)), array_send(array_agg(chunk.delta_sum_low)),
            NULL::bytea, NULL::bytea
          FROM ${schema}.sample_chunk AS chunk
          WHERE chunk.series_id = ANY(sum_ids) AND chunk.end_at >= to_at AND chunk.start_at >= to_at
          GROUP BY chunk.series_id;
        END IF;

        IF ${needsOlder} THEN
          ${beforeOlder}
          ${olderBlocks(8, 'sample_block_fresh')}
          ${olderBlocks(9, 'sample_block_waiting')}
          ${olderBlocks(10, 'sample_block_merged', isCurrent)}
          RETURN QUERY SELECT 4, number, older.id, wanted.id, NULL::timestamptz, older.end_at, 0, 0, 0, 0,
            older.value, NULL::float8, NULL::bytea, NULL::bytea, NULL::bytea, NULL::bytea
          FROM unnest(older_ids) AS wanted (id)
          CROSS JOIN LATERAL (
            SELECT id, end_at, "values"[sample_count] AS value FROM ${schema}.sample_chunk
            WHERE series_id = wanted.id AND end_at < from_at
            ORDER BY end_at DESC, id DESC LIMIT 1
          ) AS older;
        END IF;`;
}

/**
 * Returns SQL that reads the newest blocks of a table that begin before the range, for each bucket.
 *
 * @param condition a further condition on a block with the alias `block`
 */
function olderBlocksOf(schema: string, kind: number, table: string, condition: string): string {
  return `
        RETURN QUERY SELECT ${kind}, number, block.id, block.bucket, block.start_at, block.end_at, ${members('block')},
          NULL::float8, NULL::float8, block.directory,
          CASE WHEN block.place = 1 AND octet_length(block.packed) <= ${SMALL_PACKED_BYTES} THEN block.packed END,
          NULL::bytea, NULL::bytea
        FROM (${wantedMembers('older_ids')}) AS wanted
        CROSS JOIN LATERAL (
          SELECT *, row_number() OVER (ORDER BY block.end_at DESC, block.id DESC) AS place FROM (
            SELECT * FROM ${schema}.${table} AS block
            WHERE block.bucket = wanted.bucket AND block.members & wanted.members <> 0
              AND block.start_at < from_at AND block.end_at < from_at + ${DAY} ${condition}
            ORDER BY block.end_at DESC, block.id DESC LIMIT ${OLDER_BLOCKS}
          ) AS block
        ) AS block
        LIMIT row_limit + 1;
        ${refuseTooMany}`;
}

/** SQL that ends the function with a row of kind -1. */
const tooMany = `RETURN QUERY SELECT -1, number, NULL::bigint, 0, NULL::timestamptz, NULL::timestamptz, 0, 0, 0, 0,
              NULL::float8, NULL::float8, NULL::bytea, NULL::bytea, NULL::bytea, NULL::bytea;
            RETURN;`;

/** SQL that ends the function with a row of kind -1 if the last statement has found more rows than are allowed. */
const refuseTooMany = `GET DIAGNOSTICS row_count = ROW_COUNT;
          IF row_count > row_limit THEN
            ${tooMany}
          END IF;`;

/**
 * Returns a query for the buckets of some series and the members of each, given the name of a variable with the ids of the
 * series.
 */
function wantedMembers(ids: string): string {
  return `SELECT each >> 6 AS bucket, bit_or(1::int8 << (each & 63)) AS members FROM unnest(${ids}) AS each GROUP BY 1`;
}

/** Returns SQL for four columns with the halves of `members` and `falls`. */
function members(table: string): string {
  return `${halves(`${table}.members`)}, ${halves(`${table}.falls`)}`;
}

function halves(column: string): string {
  return `(${column} >> 32)::int4, ((${column} << 32) >> 32)::int4`;
}
