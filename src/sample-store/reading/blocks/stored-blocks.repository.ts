import { BLOCK_SETS, type BlockSet, type UnmergedBlockSet } from '../../archive/chunk/chunk-partitions.js';
import { DAY_MS } from '../../../scheduling/units-of-time.js';
import { encodeFloat8Array, encodeInt4Array, encodeInt8Array } from '../../../database/binary/packed-array.js';
import type { DatabaseSchema } from '../../../database/schema/database-schema.js';
import type { MemberSet } from '../../archive/block/member-set.js';
import type { PackedPart } from '../../archive/block/block-bytes.js';
import {
  type BlockRow,
  blockRowColumns,
  decodeBlockRow,
  halvesOf,
  joinedHalves,
  memberSetOf,
  type PackedBlockRow,
} from '../../archive/stored-blocks/block-row.js';
import { conditionOf, inEachSet } from '../../archive/turns/block-sets-sql.js';
import { COUNTED_TURNS } from '../../archive/turns/current-blocks-sql.js';
import type { BucketMembers } from '../../archive/stored-blocks/bucket-members.js';
import type { BlockPlace, BlockView, WantedBytes, WantedPacked } from '../store-view.js';
import { rowsOf, type Statements, type StatementValue } from '../statements.js';

/** Approximate number of bytes in one round trip, which hold a few hundred thousand samples. */
const BYTES_PER_FETCH = 1_000_000;

/** Packed bytes up to this size are sent whole, because a second round trip would cost more than the bytes. */
const SMALL_PACKED_BYTES = 16_384;

/** If at least this share of the members is wanted, the packed bytes are sent whole. */
const LARGE_SHARE = 0.25;

/** The maximum length of a block, because its period is at most a day. It lets Postgres exclude partitions after a range. */
const LONGEST_BLOCK = `interval '24 hours'`;
export const LONGEST_BLOCK_MS = DAY_MS;

const WANTED = `unnest($1::int4[], $2::int4[], $3::int4[]) AS wanted (bucket, high, low)`;
const WANTED_MEMBERS = joinedHalves('wanted.high', 'wanted.low');
/** The join condition for blocks that have a wanted member. */
const HAS_WANTED = `block.bucket = wanted.bucket AND block.members & ${WANTED_MEMBERS} <> 0`;

const WANTED_PLACES = `unnest($1::int4[], $2::int4[], $3::int4[], $4::float8[], $5::int8[], $6::float8[])
         AS wanted (bucket, high, low, end_ms, id, least_end_ms)`;
/** The condition for blocks before a place that have one of its members and begin before a time. */
const IS_BEFORE_PLACE = `${HAS_WANTED} AND block.start_at < $7::timestamptz AND block.end_at < $7::timestamptz + ${LONGEST_BLOCK}
           AND (block.end_at, block.id) < ('epoch'::timestamptz + wanted.end_ms * interval '1 millisecond', wanted.id)
           AND block.end_at >= 'epoch'::timestamptz + wanted.least_end_ms * interval '1 millisecond'`;

/** How far the search for the newest merged blocks goes back, at first and if it finds too few. */
const WINDOWS_MS = [2 * DAY_MS, 32 * DAY_MS, Infinity];
/** A time before the end of every block. */
export const EARLIEST_TIME_MS = Date.UTC(1901, 0, 1);

/** Returns SQL for the number of edges up to a time. */
function edgesBefore(column: string): string {
  return `width_bucket(date_part('epoch', block.${column}) * 1000, $7::float8[])`;
}

/** Reads rows of blocks in one view of the store. */
export class StoredBlocks implements BlockView {
  private turns: Promise<Uint8Array> | undefined;

  constructor(
    private readonly statements: Statements,
    private readonly schema: DatabaseSchema,
  ) {}

  /**
   * Reads the blocks that have a wanted member and overlap a half-open range, in pages and in any order.
   *
   * @param bytes the packed bytes to send; those of all other blocks are null
   */
  async *overlapping(
    { parameters }: BucketMembers,
    from: number,
    to: number,
    bytes: WantedPacked,
  ): AsyncGenerator<BlockRow[]> {
    const edges = bytes === 'none' ? undefined : bytes.edges;
    const packed =
      bytes === 'none'
        ? 'NULL::bytea'
        : `CASE WHEN (octet_length(block.packed) <= ${SMALL_PACKED_BYTES}
                 OR bit_count((block.members & ${WANTED_MEMBERS})::bit(64)) >= ${LARGE_SHARE} * bit_count(block.members::bit(64)))
               ${edges === undefined ? '' : `AND ${edgesBefore('start_at')} <> ${edgesBefore('end_at')}`}
               THEN block.packed END`;
    yield* this.pages(
      inEachSet(
        this.schema,
        (table, condition) => `SELECT ${blockRowColumns('block', packed)}
       FROM ${WANTED} JOIN ${table} ON ${HAS_WANTED}
       WHERE block.end_at >= $4::timestamptz AND block.end_at < $5::timestamptz + ${LONGEST_BLOCK}
         AND block.start_at < $5::timestamptz ${condition}`,
        { buckets: '$1', turns: '$6' },
      ),
      [
        ...parameters,
        new Date(from),
        new Date(to),
        await this.countedTurns(),
        ...(edges === undefined ? [] : [encodeFloat8Array(edges)]),
      ],
    );
  }

  /** Reads the blocks that have a wanted member and delta sums, and end at a time or later, without packed bytes. */
  async *since({ parameters }: BucketMembers, at: number): AsyncGenerator<BlockRow[]> {
    yield* this.pages(
      inEachSet(
        this.schema,
        (table, condition) => `SELECT ${blockRowColumns('block', 'NULL::bytea')}
       FROM ${WANTED} JOIN ${table} ON ${HAS_WANTED}
       WHERE block.end_at >= $4::timestamptz AND block.delta_sums IS NOT NULL ${condition}`,
        { buckets: '$1', turns: '$5' },
      ),
      [...parameters, new Date(at), await this.countedTurns()],
    );
  }

  /** Returns the members of each bucket that have a NaN or a negative value in a block which overlaps a half-open range. */
  async falls({ parameters }: BucketMembers, from: number, to: number): Promise<Map<number, MemberSet>> {
    const page = await this.statements.query(
      `SELECT block.bucket, ${halvesOf('bit_or(block.falls)', 'falls')}
       FROM (${inEachSet(
         this.schema,
         (table, condition) => `SELECT block.bucket, block.falls
         FROM ${WANTED} JOIN ${table} ON ${HAS_WANTED}
         WHERE block.end_at >= $4::timestamptz AND block.end_at < $5::timestamptz + ${LONGEST_BLOCK}
           AND block.start_at < $5::timestamptz AND block.falls <> 0 ${condition}`,
         { buckets: '$1', turns: '$6' },
       )}) AS block
       GROUP BY block.bucket`,
      [...parameters, new Date(from), new Date(to), await this.countedTurns()],
    );
    const rows = rowsOf<{ bucket: number; falls_high: number; falls_low: number }>(page);
    return new Map(rows.map(({ bucket, falls_high, falls_low }) => [bucket, memberSetOf(falls_high, falls_low)]));
  }

  /**
   * Returns the newest blocks before each place that have one of its members and begin before a time, the newest first, without
   * packed bytes.
   *
   * @param places places in different buckets
   * @param limit the number of blocks for each place
   */
  async newestBefore(table: BlockSet, places: readonly BlockPlace[], at: number, limit: number): Promise<BlockRow[]> {
    return table === BLOCK_SETS.merged
      ? this.newestMergedBefore(places, at, limit)
      : this.newestUnmergedBefore(table, places, at, limit);
  }

  private async newestUnmergedBefore(
    table: UnmergedBlockSet,
    places: readonly BlockPlace[],
    at: number,
    limit: number,
  ): Promise<BlockRow[]> {
    const page = await this.statements.query(
      `SELECT ${blockRowColumns('block', 'NULL::bytea')}
       FROM ${WANTED_PLACES}
       CROSS JOIN LATERAL (
         SELECT * FROM ${this.schema}.${table} AS block
         WHERE ${IS_BEFORE_PLACE} ORDER BY block.end_at DESC, block.id DESC LIMIT ${limit}
       ) AS block
       ORDER BY block.bucket, block.end_at DESC, block.id DESC`,
      [...parametersOf(places), new Date(at)],
    );
    return rowsOf<PackedBlockRow>(page).map(decodeBlockRow);
  }

  /**
   * Does the same for merged blocks, which may be distributed. A limit for each bucket is not possible then, so the keys of all blocks in
   * a window of time are compared. The windows become longer until each place has enough blocks, because the first one usually has.
   */
  private async newestMergedBefore(places: readonly BlockPlace[], at: number, limit: number): Promise<BlockRow[]> {
    const found: BlockRow[] = [];
    const newest = Math.min(at, Math.max(...places.map(({ endAt }) => endAt)));
    let rest = places;
    for (const windowMs of WINDOWS_MS) {
      const from = Math.max(EARLIEST_TIME_MS, newest - windowMs);
      const rows = await this.newestInWindow(rest, at, from, limit);
      const counts = new Map<number, number>();
      for (const { bucket } of rows) counts.set(bucket, (counts.get(bucket) ?? 0) + 1);
      const isLast = from === EARLIEST_TIME_MS;
      const isDone = ({ bucket, leastEndAt }: BlockPlace) =>
        isLast || counts.get(bucket) === limit || leastEndAt >= from;
      const done = new Set(rest.filter(isDone).map(({ bucket }) => bucket));
      for (const row of rows) if (done.has(row.bucket)) found.push(row);
      rest = rest.filter(({ bucket }) => !done.has(bucket));
      if (rest.length === 0) break;
    }
    return found;
  }

  private async newestInWindow(
    places: readonly BlockPlace[],
    at: number,
    from: number,
    limit: number,
  ): Promise<BlockRow[]> {
    const table = `${this.schema}.${BLOCK_SETS.merged}`;
    const page = await this.statements.query(
      `SELECT ${blockRowColumns('block', 'NULL::bytea')}
       FROM (
         SELECT block.bucket, block.end_at, block.id, block.turn,
                row_number() OVER (PARTITION BY block.bucket ORDER BY block.end_at DESC, block.id DESC) AS place
         FROM ${WANTED_PLACES} JOIN ${table} AS block ON ${IS_BEFORE_PLACE}
         WHERE block.end_at >= $8::timestamptz ${conditionOf(BLOCK_SETS.merged, { buckets: '$1', turns: '$9' })}
       ) AS newest
       JOIN ${table} AS block
         ON block.bucket = newest.bucket AND block.end_at = newest.end_at AND block.id = newest.id AND block.turn = newest.turn
       WHERE newest.place <= ${limit} AND block.bucket = ANY($1::int4[])
         AND block.end_at >= $8::timestamptz AND block.end_at < $7::timestamptz + ${LONGEST_BLOCK}
       ORDER BY block.bucket, block.end_at DESC, block.id DESC`,
      [...parametersOf(places), new Date(at), new Date(from), await this.countedTurns()],
    );
    return rowsOf<PackedBlockRow>(page).map(decodeBlockRow);
  }

  /** Returns some bytes of `packed` of several blocks, in the order in which they are wanted. */
  async bytes(wanted: readonly WantedBytes[]): Promise<PackedPart[]> {
    if (wanted.length === 0) return [];
    const ends = wanted.map(({ block }) => block.endAt);
    const page = await this.statements.query(
      inEachSet(
        this.schema,
        (
          table,
          condition,
        ) => `SELECT wanted.number::int4 AS number, substring(block.packed FROM wanted.first + 1 FOR wanted.length) AS bytes
       FROM unnest($1::int4[], $2::float8[], $3::int8[], $4::int4[], $5::int4[])
         WITH ORDINALITY AS wanted (bucket, end_ms, id, first, length, number)
       JOIN ${table} ON block.bucket = wanted.bucket AND block.id = wanted.id
         AND block.end_at = 'epoch'::timestamptz + wanted.end_ms * interval '1 millisecond'
       WHERE block.end_at BETWEEN $6::timestamptz AND $7::timestamptz ${condition}`,
        { buckets: '$8', turns: '$9' },
      ),
      [
        encodeInt4Array(Int32Array.from(wanted, ({ block }) => block.bucket)),
        encodeFloat8Array(Float64Array.from(wanted, ({ block }) => block.endAt)),
        encodeInt8Array(Float64Array.from(wanted, ({ block }) => block.id)),
        encodeInt4Array(Int32Array.from(wanted, ({ from }) => from)),
        encodeInt4Array(Int32Array.from(wanted, ({ from, to }) => to - from)),
        // Partitions outside of these times need no plan.
        new Date(Math.min(...ends)),
        new Date(Math.max(...ends)),
        // Postgres weighs every bucket of the condition for each partition, and a bucket may have hundreds of wanted blocks.
        encodeInt4Array(Int32Array.from(new Set(wanted.map(({ block }) => block.bucket)))),
        await this.countedTurns(),
      ],
    );
    const parts: PackedPart[] = Array.from(wanted, ({ from }) => ({ from, bytes: NO_BYTES }));
    for (const { number, bytes } of rowsOf<{ number: number; bytes: Buffer }>(page))
      parts[number - 1] = { from: wanted[number - 1]!.from, bytes };
    return parts;
  }

  prepare(): void {
    // If the statement fails, the next one that needs its result reports it.
    this.countedTurns().catch(() => undefined);
  }

  /**
   * Returns the set of turns that count in this view. As a subquery, it would be sent to every server of a distributed table again
   * with each statement.
   */
  private countedTurns(): Promise<Uint8Array> {
    return (this.turns ??= this.readTurns());
  }

  private async readTurns(): Promise<Uint8Array> {
    const page = await this.statements.query(
      `SELECT multirange_send(${COUNTED_TURNS}) AS turns FROM ${this.schema}.sample_merge`,
      [],
    );
    return rowsOf<{ turns: Buffer }>(page)[0]!.turns;
  }

  private async *pages(select: string, parameters: readonly StatementValue[]): AsyncGenerator<BlockRow[]> {
    for await (const page of this.statements.pages(select, parameters, BYTES_PER_FETCH)) {
      yield rowsOf<PackedBlockRow>(page).map(decodeBlockRow);
    }
  }
}

function parametersOf(places: readonly BlockPlace[]): StatementValue[] {
  return [
    encodeInt4Array(Int32Array.from(places, ({ bucket }) => bucket)),
    encodeInt4Array(Int32Array.from(places, ({ members }) => members.high)),
    encodeInt4Array(Int32Array.from(places, ({ members }) => members.low)),
    encodeFloat8Array(Float64Array.from(places, ({ endAt }) => endAt)),
    encodeInt8Array(Float64Array.from(places, ({ id }) => id)),
    encodeFloat8Array(Float64Array.from(places, ({ leastEndAt }) => leastEndAt)),
  ];
}

const NO_BYTES = new Uint8Array(0);
