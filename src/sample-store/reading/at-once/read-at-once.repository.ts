import type { DataSource } from 'typeorm';
import type { CountedSeries } from '../../../catalog/series/known-extents.js';
import type { Series } from '../../../catalog/series/series.js';
import {
  type BinaryClient,
  BinaryQuery,
  canQueryBinary,
  type BinaryParameter,
} from '../../../database/binary/binary-query.js';
import { KeptStatements } from '../../../database/binary/kept-statements.js';
import { encodeFloat8Array, encodeInt4Array, encodeInt8Array } from '../../../database/binary/packed-array.js';
import type { DatabaseSchema } from '../../../database/schema/database-schema.js';
import type { KnownDatabase } from '../../../database/known-database.js';
import { onConnection } from '../../../database/transaction.js';
import type { PackedPart } from '../../archive/block/block-bytes.js';
import { bucketOf } from '../../archive/stored-blocks/bucket-members.js';
import type { WantedBytes } from '../store-view.js';
import { type FetchedRow, ROW } from './fetched-rows.js';

/** A half-open range of time, in milliseconds since the epoch, for which some series are read. */
export interface FetchedRange {
  readonly series: readonly Series[];
  readonly from: number;
  readonly to: number;
  readonly needsBefore?: boolean;
}

/**
 * Maximum number of log rows, of chunks, and of blocks of each kind, in each range. At most 64 KB of packed bytes are sent for
 * each block, so the blocks of one kind have at most 4 MB.
 */
const MAX_ROWS = 64;

/** Reads all data of a small query with one statement, which sees one consistent view without a transaction. */
export class ReadAtOnceRepository {
  private readonly statements = new KeptStatements();

  constructor(
    private readonly dataSource: DataSource,
    private readonly known: KnownDatabase,
    private readonly schema: DatabaseSchema,
  ) {}

  /**
   * Reads the rows of some ranges.
   *
   * @param counted the metrics whose names and newer series are read as well
   * @param findsOlder whether to look for blocks before the ranges as well
   * @returns undefined if there are too many rows, if the connection can't send binary queries, or if a series belongs to a
   * former database
   */
  async read(
    ranges: readonly FetchedRange[],
    counted: readonly CountedSeries[],
    findsOlder: boolean,
  ): Promise<FetchedRow[] | undefined> {
    const rows = await this.withClient((client) => {
      if (ranges.some(({ series }) => series.some(({ isForeign }) => isForeign))) return undefined;
      // Postgres keeps the plans of the function on each connection, even where it can't keep this statement.
      const text = `SELECT * FROM ${this.schema}.custom_metrics_read_at_once($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14,
         ${findsOlder}, ${MAX_ROWS})`;
      return this.statements.run<FetchedRow>(client, text, this.parametersOf(ranges, counted));
    });
    return rows?.some(({ kind }) => kind === ROW.TOO_MANY) ? undefined : rows;
  }

  /**
   * Reads some bytes of `packed` of blocks that an earlier statement has found.
   *
   * @returns undefined if one of the blocks no longer exists as it was
   */
  async bytes(wanted: readonly WantedBytes[]): Promise<PackedPart[] | undefined> {
    const rows = await this.withClient((client) => {
      const text = `SELECT wanted.number::int4 AS number, substring(block.packed FROM wanted.first + 1 FOR wanted.length) AS bytes, block.directory
       FROM unnest($1::int4[], $2::float8[], $3::int8[], $4::int4[], $5::int4[])
         WITH ORDINALITY AS wanted (bucket, end_ms, id, first, length, number)
       JOIN ${this.schema}.sample_block AS block ON block.bucket = wanted.bucket AND block.id = wanted.id
         AND block.end_at = 'epoch'::timestamptz + wanted.end_ms * interval '1 millisecond'
       WHERE block.end_at BETWEEN $6::timestamptz AND $7::timestamptz`;
      const ends = Float64Array.from(wanted, ({ block }) => block.endAt);
      const values = [
        encodeInt4Array(Int32Array.from(wanted, ({ block }) => block.bucket)),
        encodeFloat8Array(ends),
        encodeInt8Array(Float64Array.from(wanted, ({ block }) => block.id)),
        encodeInt4Array(Int32Array.from(wanted, ({ from }) => from)),
        encodeInt4Array(Int32Array.from(wanted, ({ from, to }) => to - from)),
        // With the limits as parameters, Postgres leaves out other partitions when it plans the statement.
        new Date(Math.min(...ends)).toISOString(),
        new Date(Math.max(...ends)).toISOString(),
      ];
      return client.query(new BinaryQuery<{ number: number; bytes: Buffer; directory: Buffer }>(text, values)).result;
    });
    if (rows?.length !== wanted.length) return undefined;
    const parts: PackedPart[] = [];
    for (const { number, bytes, directory } of rows) {
      const { block, from } = wanted[number - 1]!;
      // The bytes of a block never change without its directory, because that contains their checksums.
      if (!directory.equals(block.directory)) return undefined;
      parts[number - 1] = { from, bytes };
    }
    return parts;
  }

  private async withClient<Row>(
    task: (client: BinaryClient) => Promise<Row[]> | undefined,
  ): Promise<Row[] | undefined> {
    return onConnection(this.dataSource, async (client) => (canQueryBinary(client) ? task(client) : undefined));
  }

  private parametersOf(ranges: readonly FetchedRange[], counted: readonly CountedSeries[]): BinaryParameter[] {
    const [place, landmarks] = this.known.values;
    const ids = new EndedLists();
    const buckets = new EndedLists();
    const idsOfTotals = new EndedLists();
    const idsOfLastSamples = new EndedLists();
    for (const { series, needsBefore } of ranges) {
      for (const { id, kind } of series) {
        ids.add(id);
        if (needsBefore) (kind === 'delta' ? idsOfTotals : idsOfLastSamples).add(id);
      }
      for (const bucket of new Set(series.map(({ id }) => bucketOf(id)))) buckets.add(bucket);
      for (const lists of [ids, buckets, idsOfTotals, idsOfLastSamples]) lists.end();
    }
    return [
      place,
      `{${landmarks.map((value) => value ?? 'NULL').join(',')}}`,
      encodeInt4Array(Int32Array.from(counted, ({ metricId }) => metricId)),
      encodeInt4Array(Int32Array.from(counted, ({ aboveId }) => aboveId)),
      encodeInt8Array(Float64Array.from(ranges, ({ from }) => from)),
      encodeInt8Array(Float64Array.from(ranges, ({ to }) => to)),
      ...ids.parameters,
      ...buckets.parameters,
      ...idsOfTotals.parameters,
      ...idsOfLastSamples.parameters,
    ];
  }
}

/** A list of numbers for each range, in the form in which `custom_metrics_read_at_once` takes them. */
class EndedLists {
  private readonly numbers: number[] = [];
  private readonly ends: number[] = [];

  add(number: number): void {
    this.numbers.push(number);
  }

  /** Ends the list of a range. */
  end(): void {
    this.ends.push(this.numbers.length);
  }

  /** All numbers, and how many there are up to the end of each range. */
  get parameters(): BinaryParameter[] {
    return [this.numbers, this.ends].map((numbers) => encodeInt4Array(Int32Array.from(numbers)));
  }
}
