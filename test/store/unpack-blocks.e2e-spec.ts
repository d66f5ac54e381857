import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { EncodedBlock, MemberSamples } from '../../src/sample-store/archive/block/block-bytes.js';
import { BlockDecoder } from '../../src/sample-store/archive/block/block-decoder.js';
import { BlockEncoder } from '../../src/sample-store/archive/block/block-encoder.js';
import { insertBlock, membersText } from '../support/stored-blocks.js';
import { randomSamples } from '../support/random-blocks.js';
import { SeededRandom } from '../support/seeded-random.js';
import { storeUnderTest } from '../support/service-under-test.js';

/** Number of blocks. `BLOCK_SQL_RUNS=3000 BLOCK_SQL_SEED=5` searches for rarer errors. */
const RUNS = Number(process.env.BLOCK_SQL_RUNS ?? 25);
const SEED = Number(process.env.BLOCK_SQL_SEED ?? 1);
const GOLDEN_BLOCKS = path.join(import.meta.dirname, '../../src/sample-store/archive/block/golden-blocks.hex');
const START = 1_764_000_000_000;
/** Postgres has no times before this one. */
const EARLIEST = Date.parse('-004712-01-01T00:00:00Z');

type StoredBlock = Pick<EncodedBlock, 'startAt' | 'members' | 'directory' | 'packed'>;

describe('unpack_times and unpack_values', () => {
  const store = storeUnderTest('all');
  const encoder = new BlockEncoder();
  const decoder = new BlockDecoder();

  /** Returns the samples as Postgres reads them: the times in milliseconds, and the bits of the values. */
  async function unpack({ startAt, members, directory, packed }: StoredBlock, member: number) {
    const { rows } = await store.client.query<{ times: string[]; bits: string[] }>(
      `SELECT ARRAY(SELECT round(extract(epoch FROM time) * 1000)::text FROM unnest(unpack_times(start_at, members, directory, packed, series_id)) AS time) AS times,
              ARRAY(SELECT encode(float8send(value), 'hex') FROM unnest(unpack_values(members, directory, packed, series_id)) AS value) AS bits
       FROM (SELECT $1::timestamptz, $2::bigint, $3::bytea, $4::bytea, $5::int)
         AS block (start_at, members, directory, packed, series_id)`,
      [new Date(startAt), membersText(members), Buffer.from(directory), Buffer.from(packed), 64 * 7 + member],
    );
    return { times: rows[0]!.times.map(Number), bits: rows[0]!.bits };
  }

  function bitsOf(values: Float64Array): string[] {
    const bytes = Buffer.alloc(8);
    return Array.from(values, (value) => {
      // Postgres has only one NaN.
      bytes.writeDoubleBE(value);
      return Number.isNaN(value) ? '7ff8000000000000' : bytes.toString('hex');
    });
  }

  async function expectUnpacked(block: StoredBlock, samples: readonly MemberSamples[]): Promise<void> {
    for (const { member, times, values } of samples) {
      const found = await unpack(block, member);
      expect(found.times).toEqual([...times]);
      expect(found.bits).toEqual(bitsOf(values));
    }
  }

  test('read the golden blocks', async () => {
    const lines = readFileSync(GOLDEN_BLOCKS, 'utf8').trim().split('\n');
    expect(lines.length).toBeGreaterThan(10);
    for (const line of lines) {
      const [directory, packed] = line
        .split(': ')[1]!
        .split(' ')
        .map((hex) => Buffer.from(hex, 'hex'));
      // The members are found by trying. This works because the directory contains a checksum of them.
      const members = Array.from({ length: 64 }, (_, member) => member);
      const candidates = [...members.map((member) => [member]), [1, 33], [2, 3], [0, 1, 2, 3]];
      const isRead = candidates.some((candidate) => {
        const block = { bucket: 1, id: 1, startAt: START, members: setOf(candidate), directory: directory! };
        try {
          decoder.open({ ...block, packed: [{ from: 0, bytes: packed! }] });
          return true;
        } catch {
          return false;
        }
      });
      expect([line, isRead]).toEqual([line, true]);
      const present = members.filter((member) => decoder.has(member));
      const samples = present.map((member): MemberSamples => {
        const times = new Float64Array(decoder.sampleCount(member));
        const values = new Float64Array(times.length);
        decoder.decode(member, -Infinity, Infinity, times, values, 0);
        return { member, times, values, isDelta: false };
      });
      await expectUnpacked(
        { startAt: START, members: setOf(present), directory: directory!, packed: packed! },
        samples,
      );
    }
  });

  test('read random blocks, and nothing for a series that a block does not have', async () => {
    for (let run = 0; run < RUNS; run++) {
      const random = new SeededRandom(SEED * 1_000_003 + run);
      const samples = randomSamples(random, random.pick([1, 3, 40, 100, 300]));
      // Postgres has no times before EARLIEST, and no stored sample is that old.
      const present = samples.filter(({ times }) => times.length > 0 && times[0]! > EARLIEST);
      if (present.length === 0) continue;
      const block = encoder.encode(present);
      try {
        await expectUnpacked(block, random.shuffled(present).slice(0, 4));
        const absent = Array.from({ length: 64 }, (_, member) => member).find(
          (member) => !present.some((each) => each.member === member),
        );
        if (absent !== undefined) expect(await unpack(block, absent)).toEqual({ times: [], bits: [] });
      } catch (error) {
        throw new Error(`Run ${run} of BLOCK_SQL_SEED=${SEED} failed: ${String(error)}`, { cause: error });
      }
    }
  });

  test('do not depend on the search path of the caller', async () => {
    const block = encoder.encode([
      { member: 3, times: Float64Array.of(START), values: Float64Array.of(42), isDelta: false },
    ]);
    await store.client.query(`
      CREATE SCHEMA hostile;
      CREATE FUNCTION hostile.get_byte(bytea, int) RETURNS int LANGUAGE sql AS 'SELECT 0';
      CREATE FUNCTION hostile.plus(float8, float8) RETURNS float8 LANGUAGE sql AS 'SELECT 0::float8';
      CREATE OPERATOR hostile.+ (LEFTARG = float8, RIGHTARG = float8, FUNCTION = hostile.plus);
      SET search_path = hostile, pg_catalog, public`);
    try {
      const { rows } = await store.client.query<{ values: number[] }>(
        'SELECT public.unpack_values($1, $2, $3, 3) AS "values"',
        [membersText(block.members), Buffer.from(block.directory), Buffer.from(block.packed)],
      );
      expect(rows[0]!.values).toEqual([42]);
    } finally {
      await store.client.query('RESET search_path');
    }
  });

  test('feed the view of raw samples beside chunks and the log', async () => {
    await store.client.query(`
      INSERT INTO metric (id, name, type) VALUES (1, 'a_total', 'counter'), (2, 'b', 'gauge');
      INSERT INTO series (id, metric_id, identity, labels, temporality)
        VALUES (65, 1, 'x', '{"l": "1"}', 'delta'), (66, 2, 'y', '{}', NULL), (130, 2, 'z', '{"l": "2"}', NULL);
      INSERT INTO sample_batch (writer_id, sequence, received_at, series_ids, timestamps, "values") VALUES
        (1, 1, '2026-01-01T00:00:00Z', '{65}', NULL, '{7}');
      CREATE TABLE sample_chunk_all PARTITION OF sample_chunk_merged DEFAULT;
      INSERT INTO sample_chunk (start_at, end_at, series_id, sample_count, is_merged, offsets_ms, "values") VALUES
        ('2025-12-31T00:00:00Z', '2025-12-31T00:00:01Z', 65, 2, true, '{0,1000}', '{5,6}')`);
    const at = Date.parse('2025-12-30T00:00:00Z');
    const samples = (member: number, values: number[]): MemberSamples => ({
      member,
      times: Float64Array.from(values, (_, index) => at + index * 1_000),
      values: Float64Array.from(values),
      isDelta: member === 1,
    });
    await insertBlock(
      store.client,
      'sample_block_merged',
      1,
      encoder.encode([samples(1, [1, 2]), samples(2, [-3, NaN])]),
    );
    await insertBlock(store.client, 'sample_block_fresh', 2, encoder.encode([samples(2, [9])]));
    const { rows } = await store.client.query('SELECT * FROM metric_sample ORDER BY metric, at, value');
    const second = (time: number) => new Date(at + time * 1_000);
    expect(rows).toEqual([
      { metric: 'a_total', labels: { l: '1' }, at: second(0), value: 1 },
      { metric: 'a_total', labels: { l: '1' }, at: second(1), value: 2 },
      { metric: 'a_total', labels: { l: '1' }, at: new Date('2025-12-31T00:00:00Z'), value: 5 },
      { metric: 'a_total', labels: { l: '1' }, at: new Date('2025-12-31T00:00:01Z'), value: 6 },
      { metric: 'a_total', labels: { l: '1' }, at: new Date('2026-01-01T00:00:00Z'), value: 7 },
      { metric: 'b', labels: {}, at: second(0), value: -3 },
      { metric: 'b', labels: { l: '2' }, at: second(0), value: 9 },
    ]);
    await store.client.query('UPDATE series SET deleted_at = now() WHERE id = 65');
    expect((await store.client.query('SELECT FROM metric_sample')).rowCount).toBe(2);
  });
});

function setOf(members: readonly number[]): { high: number; low: number } {
  const set = members.reduce((sum, member) => sum | (1n << BigInt(member)), 0n);
  return { high: Number(set >> 32n), low: Number(set & 0xffff_ffffn) };
}
