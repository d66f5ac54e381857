import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The attributes of the functions that users call. They set a search path, because under that of the caller an operator or a
 * function of the host could shadow one of Postgres. The internal functions that they call inherit the path.
 */
const PUBLIC = 'IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp';

/**
 * Adds SQL functions that read blocks.
 *
 * The functions follow the README of src/sample-store/archive/block/. They are written in PL/pgSQL, because a single large
 * SQL function is inlined and then compiled by JIT for every query, which was more than ten times slower. Bits are taken out of a
 * `varbit` by `substring`. Integers are doubles here, as they are in the service: none has more than 53 bits.
 */
export class UnpackBlocksInSql1764510000000 implements MigrationInterface {
  readonly name = 'UnpackBlocksInSql1764510000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    const [{ schema }]: [{ schema: string }] = await queryRunner.query(
      'SELECT quote_ident(current_schema()) AS schema',
    );
    await createBitFunctions(queryRunner, schema);
    await createIntegers(queryRunner);
    await createTimes(queryRunner, schema);
    await createValues(queryRunner, schema);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP FUNCTION unpack_values(bigint, bytea, bytea, int)');
    await queryRunner.query('DROP FUNCTION unpack_times(timestamptz, bigint, bytea, bytea, int)');
    await queryRunner.query('DROP FUNCTION custom_metrics_unpack_integers(varbit, int, int)');
    await queryRunner.query('DROP FUNCTION custom_metrics_block_bits(bytea, int, int)');
    await queryRunner.query('DROP FUNCTION custom_metrics_block_number(bytea, int, int)');
  }
}

const DIRECTORY_VARIABLES = `
      member int := series_id & 63; vector_count int; has_bases int; end_bytes int; vector_bytes int; member_bytes int;
      member_place int; member_entry int; vector int;`;

/**
 * Reads the sizes in the directory and computes the offset of the member's entry. Returns an empty array for a series that is not
 * in the block.
 */
const READ_DIRECTORY = `
      IF (members >> member) & 1 = 0 THEN RETURN '{}'; END IF;
      end_bytes := (get_byte(directory, 0) & 3) + 1;
      has_bases := (get_byte(directory, 0) & 4) / 4;
      vector_count := get_byte(directory, 1);
      vector_bytes := has_bases + 10 + end_bytes + 2;
      member_bytes := CASE WHEN vector_count > 1 THEN 1 ELSE 0 END + end_bytes + 2;
      -- The place of a member is the number of smaller members.
      member_place := bit_count((members & ~((-1)::bigint << member))::bit(64));
      member_entry := 2 + vector_bytes * vector_count + member_bytes * member_place;`;

/** Creates the functions that read a range of bytes as bits, and a number from a directory. */
async function createBitFunctions(queryRunner: QueryRunner, schema: string): Promise<void> {
  await queryRunner.query(`
    CREATE FUNCTION custom_metrics_block_bits(bytes bytea, first int, last int) RETURNS varbit
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
    BEGIN
      RETURN ('x' || encode(substring(bytes FROM first + 1 FOR last - first), 'hex'))::varbit;
    END
    $$`);
  await queryRunner.query(`
    CREATE FUNCTION custom_metrics_block_number(bytes bytea, first int, width int) RETURNS int
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
    BEGIN
      RETURN int8(${schema}.custom_metrics_block_bits(bytes, first, first + width));
    END
    $$`);
}

/** Returns SQL that reads an unsigned integer at `place` and moves `place` to its end. */
function unsigned(variable: string, width: number | string): string {
  return `${variable} := int8(substring(bits FROM place + 1 FOR ${width})); place := place + ${width};`;
}

/**
 * Creates a function that reads an integer column.
 *
 * Its parameter `place` is the number of bits before the column, and its result `place` the number of bits up to its end.
 */
async function createIntegers(queryRunner: QueryRunner): Promise<void> {
  const signed = (variable: string) => `
      ${unsigned('width', 6)}
      ${variable} := 0;
      IF width > 0 THEN
        ${variable} := int8(substring(bits FROM place + 2 FOR width));
        IF substring(bits FROM place + 1 FOR 1) = B'1' THEN ${variable} := -${variable}; END IF;
        place := place + 1 + width;
      END IF;`;
  const code = '(frame_low + int8(substring(bits FROM at + 1 + code * frame_width FOR frame_width)))';
  const codes = `
          FROM unnest(frame_places, frame_lows, frame_widths) WITH ORDINALITY AS frame (at, frame_low, frame_width, number),
               generate_series(0, least(frame_length, code_count - (number::int - 1) * frame_length) - 1) AS code`;
  await queryRunner.query(`
    CREATE FUNCTION custom_metrics_unpack_integers(bits varbit, INOUT place int, count int, OUT integers float8[])
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
    DECLARE
      has_unit int; unit float8 := 1; start float8 := 0; form int; width int;
      step float8; first float8; low float8; low_width int; frame_length int; code_count int; low_code float8;
      frame_places int[]; frame_lows float8[]; frame_widths int[];
    BEGIN
      integers := '{}';
      IF count = 0 THEN RETURN; END IF;
      ${unsigned('has_unit', 1)}
      IF has_unit = 1 THEN
        ${unsigned('width', 6)}
        ${unsigned('unit', 'width')}
        ${signed('start')}
      END IF;
      ${unsigned('form', 2)}
      -- The forms 0 and 2 have codes for all integers, the forms 1 and 3 for all but the first one.
      code_count := count - form % 2;
      IF form < 2 THEN
        ${unsigned('frame_length', 4)}
        frame_length := 1 << frame_length;
        ${signed('step')}
        first := step;
        ${signed('low')}
        ${unsigned('low_width', 6)}
        FOR frame IN 0 .. (code_count - 1) / frame_length LOOP
          EXIT WHEN code_count = 0;
          ${unsigned('low_code', 'low_width')}
          ${unsigned('width', 6)}
          frame_places := frame_places || place;
          frame_lows := frame_lows || low + low_code;
          frame_widths := frame_widths || width;
          place := place + width * least(frame_length, code_count - frame * frame_length);
        END LOOP;
      ELSE
        IF form = 3 THEN
          ${signed('first')}
        END IF;
        ${signed('low')}
        ${unsigned('width', 6)}
        frame_length := greatest(code_count, 1);
        frame_places := ARRAY[place];
        frame_lows := ARRAY[low];
        frame_widths := ARRAY[width];
        place := place + width * code_count;
      END IF;
      -- The rows come in the order of the frames, and of the codes in each.
      IF form % 2 = 1 THEN
        integers := array_prepend(start + unit * first, ARRAY(
          SELECT start + unit * (first + sum(${code}) OVER (ROWS UNBOUNDED PRECEDING)) ${codes}));
      ELSIF form = 0 THEN
        integers := ARRAY(
          SELECT start + unit * (floor(((number - 1) * frame_length + code) * step / 256) + ${code}) ${codes});
      ELSE
        integers := ARRAY(SELECT start + unit * ${code} ${codes});
      END IF;
    END
    $$`);
}

/** Creates the function that returns the times of a member. */
async function createTimes(queryRunner: QueryRunner, schema: string): Promise<void> {
  const number = (first: string, width: number | string) =>
    `${schema}.custom_metrics_block_number(directory, ${first}, ${width})`;
  // Returns SQL that reads the packed times of a vector into `bits`, and their number into a variable.
  const timesOf = (vector: string, count: string) => `
      entry := 2 + vector_bytes * ${vector} + has_bases;
      bits := ${schema}.custom_metrics_block_bits(packed,
        CASE WHEN ${vector} = 0 THEN 0 ELSE ${number('entry - has_bases - 2 - end_bytes', 'end_bytes')} END,
        ${number('entry + 10', 'end_bytes')});
      ${count} := ${number('entry', 2)};`;
  await queryRunner.query(`
    CREATE FUNCTION unpack_times(start_at timestamptz, members bigint, directory bytea, packed bytea, series_id int)
    RETURNS timestamptz[] LANGUAGE plpgsql ${PUBLIC} AS $$
    DECLARE
      ${DIRECTORY_VARIABLES}
      base int; entry int; bits varbit; count int; base_count int; first float8; offsets float8[]; places float8[]; way int;
      place int := 0;
    BEGIN
      ${READ_DIRECTORY}
      vector := CASE WHEN vector_count > 1 THEN get_byte(directory, member_entry) ELSE 0 END;
      base := vector;
      IF has_bases = 1 THEN
        base := get_byte(directory, 2 + vector_bytes * vector);
      END IF;
      ${timesOf('base', 'base_count')}
      first := int8(${schema}.custom_metrics_block_bits(directory, entry + 2, entry + 6));
      SELECT integers.integers INTO offsets FROM ${schema}.custom_metrics_unpack_integers(bits, 0, base_count) AS integers;
      IF base <> vector THEN
        ${timesOf('vector', 'count')}
        way := int8(substring(bits FROM 1 FOR 2));
        IF way = 0 THEN
          offsets := ARRAY(
            SELECT time FROM unnest(offsets) WITH ORDINALITY AS base_time (time, number)
            WHERE substring(bits FROM number::int + 2 FOR 1) = B'1');
        ELSE
          SELECT integers.integers INTO places
          FROM ${schema}.custom_metrics_unpack_integers(bits, 2, CASE WHEN way = 1 THEN base_count - count ELSE count END) AS integers;
          IF way = 1 THEN
            offsets := ARRAY(
              SELECT time FROM unnest(offsets) WITH ORDINALITY AS base_time (time, number)
              WHERE number - 1 NOT IN (SELECT missing FROM unnest(places) AS missing));
          ELSE
            offsets := ARRAY(SELECT offsets[present::int + 1] FROM unnest(places) AS present);
          END IF;
        END IF;
      END IF;
      RETURN ARRAY(SELECT start_at + (first + time) * interval '1 millisecond' FROM unnest(offsets) AS time);
    END
    $$`);
}

/**
 * Returns SQL that multiplies by a power of two, in two steps with half of the exponent each. One step with 2^-1074 would be
 * exact as well, but some implementations of `power` report such a small result as an error.
 */
function timesTwoTo(integer: string, exponent: string): string {
  return `${integer} * power(2::float8, (${exponent}) / 2) * power(2::float8, (${exponent}) - (${exponent}) / 2)`;
}

/**
 * Creates the function that returns the values of a member. A NaN loses its payload, because SQL can't make one with a payload.
 */
async function createValues(queryRunner: QueryRunner, schema: string): Promise<void> {
  const number = (first: string, width: number | string) =>
    `${schema}.custom_metrics_block_number(directory, ${first}, ${width})`;
  const readIntegers = (variable: string, count: string) =>
    `SELECT integers.place, integers.integers INTO place, ${variable}
      FROM ${schema}.custom_metrics_unpack_integers(bits, place, ${count}) AS integers;`;
  const readPower = `
        width := int8(substring(bits FROM place + 1 FOR 6)); place := place + 6;
        two := 0;
        IF width > 0 THEN
          two := int8(substring(bits FROM place + 2 FOR width));
          IF substring(bits FROM place + 1 FOR 1) = B'1' THEN two := -two; END IF;
          place := place + 1 + width;
        END IF;`;
  // The double is computed from its fields: a sign, 11 bits of the exponent, and 52 bits of the fraction.
  const doubleOf = `
    CASE WHEN high::bigint >> 31 = 1 THEN -1::float8 ELSE 1 END * CASE
      WHEN high::bigint & 2146435072 < 2146435072 THEN ${timesTwoTo(
        '(CASE WHEN high::bigint & 2146435072 = 0 THEN 0 ELSE 4503599627370496 END + (high::bigint & 1048575) * 4294967296 + low)',
        'greatest((high::bigint & 2146435072) >> 20, 1)::int - 1075',
      )}
      WHEN high::bigint & 1048575 = 0 AND low = 0 THEN 'Infinity'
      ELSE 'NaN'
    END`;
  await queryRunner.query(`
    CREATE FUNCTION unpack_values(members bigint, directory bytea, packed bytea, series_id int)
    RETURNS float8[] LANGUAGE plpgsql ${PUBLIC} AS $$
    DECLARE
      ${DIRECTORY_VARIABLES}
      bits varbit; count int; mode int; has_patches int; patch_count int; width int; place int := 3;
      patch_places float8[]; highs float8[]; lows float8[]; ten float8 := 1; two int := 0; firsts float8[]; seconds float8[];
      unpacked float8[]; patch record;
    BEGIN
      ${READ_DIRECTORY}
      vector := CASE WHEN vector_count > 1 THEN get_byte(directory, member_entry) ELSE 0 END;
      count := ${number('2 + vector_bytes * vector + has_bases', 2)};
      member_entry := member_entry + member_bytes - 2 - end_bytes;
      bits := ${schema}.custom_metrics_block_bits(packed,
        ${number('member_entry - member_bytes', 'end_bytes')},
        ${number('member_entry', 'end_bytes')});
      mode := int8(substring(bits FROM 1 FOR 2));
      has_patches := int8(substring(bits FROM 3 FOR 1));
      IF has_patches = 1 THEN
        patch_count := int8(substring(bits FROM 4 FOR 16));
        place := 19;
        ${readIntegers('patch_places', 'patch_count')}
        ${readIntegers('highs', 'patch_count')}
        ${readIntegers('lows', 'patch_count')}
      END IF;
      IF mode = 0 OR mode = 2 THEN
        ten := ('1e' || int8(substring(bits FROM place + 1 FOR 5)))::float8;
        place := place + 5;
      END IF;
      IF mode = 1 OR mode = 2 THEN ${readPower}
      END IF;
      ${readIntegers('firsts', 'count')}
      IF mode >= 2 THEN
        ${readIntegers('seconds', 'count')}
      END IF;
      IF mode = 0 THEN
        unpacked := ARRAY(SELECT first / ten FROM unnest(firsts) AS first);
      ELSIF mode = 1 THEN
        unpacked := ARRAY(SELECT ${timesTwoTo('first', 'two')} FROM unnest(firsts) AS first);
      ELSIF mode = 2 THEN
        unpacked := ARRAY(
          SELECT first / ten + ${timesTwoTo('second', 'two')} FROM unnest(firsts, seconds) AS pair (first, second));
      ELSE
        unpacked := ARRAY(SELECT ${doubleOf} FROM unnest(firsts, seconds) AS word (high, low));
      END IF;
      FOR patch IN SELECT at, ${doubleOf} AS value FROM unnest(patch_places, highs, lows) AS word (at, high, low) LOOP
        unpacked[patch.at::int + 1] := patch.value;
      END LOOP;
      RETURN unpacked;
    END
    $$`);
}
