import { Injectable } from '@nestjs/common';
import { SERIES_KIND } from '../../catalog/series/series-kind.js';
import type { ArchiveTransaction } from './archive.repository.js';
import { decodeLogRow, type LogRow, logRowColumns, ORDER_OF_ROWS, type PackedLogRow } from '../log/log-row.js';
import {
  decodeFloat8Array,
  decodeInt4Array,
  encodeFloat8Array,
  encodeInt4Array,
} from '../../database/binary/packed-array.js';
import type { SeriesTotals } from './series-totals.js';
import { DatabaseSchema } from '../../database/schema/database-schema.js';

/** Maximum number of log rows that one compaction takes, even if they have only a few samples. */
const MAX_ROWS = 5_000;

/** A size between that of an empty array, 13 bytes, and that of an array of one number, 25 bytes. */
const EMPTY_ARRAY_BYTES = 20;

/** The columns of many series, each as one array in binary form. */
type PackedTotals = Record<keyof SeriesTotals, Buffer>;

/** Reads and writes everything that the compaction needs except blocks and chunks. */
@Injectable()
export class CompactionRepository {
  constructor(private readonly schema: DatabaseSchema) {}

  /**
   * Returns the oldest log rows that are older than the horizon, in the order of their arrival.
   *
   * @param maxSamples the approximate limit of samples; at least one row is returned
   */
  async findRows(transaction: ArchiveTransaction, horizonSeconds: number, maxSamples: number): Promise<LogRow[]> {
    const rows: PackedLogRow[] = await transaction.query(
      `SELECT ${logRowColumns('sized')}
       FROM (
         SELECT *, sum(cardinality(series_ids)) OVER (ORDER BY ${ORDER_OF_ROWS})
                     - cardinality(series_ids) AS samples_before
         FROM (
           SELECT * FROM ${this.schema}.sample_batch
           WHERE received_at < clock_timestamp() - make_interval(secs => $1)
             -- An empty row says that its key was never committed, so it stays as long as a process may ask for that key.
             -- An empty row is recognised by its stored size, because examining the value itself reads the whole array.
             -- A row that a correction has emptied was committed. It has empty timestamps, and leaves like every other row.
             AND (pg_column_size(series_ids) > ${EMPTY_ARRAY_BYTES} OR timestamps IS NOT NULL
               OR received_at < clock_timestamp() - interval '1 day')
           ORDER BY ${ORDER_OF_ROWS} LIMIT ${MAX_ROWS}
         ) AS page
       ) AS sized
       WHERE samples_before < $2
       ORDER BY ${ORDER_OF_ROWS}`,
      [horizonSeconds, maxSamples],
    );
    return rows.map(decodeLogRow);
  }

  /** Reads the totals of series in the order of their ids, without deleted series, and locks their rows. */
  async findTotals(transaction: ArchiveTransaction, ids: Int32Array): Promise<SeriesTotals> {
    // The columns come as arrays, because ten thousand rows would cost the driver more than the samples that are compacted.
    const [packed]: [PackedTotals] = await transaction.query(
      `WITH locked AS (
         SELECT series.id, ${SERIES_KIND} = 'delta' AS is_delta,
                total, total_low, last_value, last_at, last_received_at, last_writer_id, last_sequence, pushed_at
         FROM ${this.schema}.series JOIN ${this.schema}.metric ON metric.id = series.metric_id
         WHERE series.id = ANY($1::int4[]) AND series.deleted_at IS NULL
         ORDER BY series.id FOR NO KEY UPDATE OF series
       )
       SELECT ${[
         column('id', 'ids'),
         column('is_delta::int', 'areDeltas'),
         column('total', 'totals'),
         column('total_low', 'totalLows'),
         column(`coalesce(last_value, 0)`, 'lastValues'),
         column(secondsOf('last_at'), 'lastAts'),
         column(secondsOf('last_received_at'), 'lastReceivedAts'),
         column('coalesce(last_writer_id, 0)', 'lastWriterIds'),
         column('coalesce(last_sequence, 0)::float8', 'lastSequences'),
         column(secondsOf('pushed_at'), 'pushedAts'),
       ].join(', ')}
       FROM locked`,
      [encodeInt4Array(ids)],
    );
    return {
      ids: decodeInt4Array(packed.ids),
      areDeltas: decodeInt4Array(packed.areDeltas),
      totals: decodeFloat8Array(packed.totals),
      totalLows: decodeFloat8Array(packed.totalLows),
      lastValues: decodeFloat8Array(packed.lastValues),
      lastAts: decodeFloat8Array(packed.lastAts).map(toMilliseconds),
      lastReceivedAts: decodeFloat8Array(packed.lastReceivedAts).map(toMilliseconds),
      lastWriterIds: decodeInt4Array(packed.lastWriterIds),
      lastSequences: decodeFloat8Array(packed.lastSequences),
      pushedAts: decodeFloat8Array(packed.pushedAts).map(toMilliseconds),
    };
  }

  /** Writes new totals. A forgotten series has samples again, so it is no longer marked as forgotten. */
  async updateTotals(transaction: ArchiveTransaction, totals: SeriesTotals): Promise<void> {
    // The parameters are a record so that the compiler reports a missing column. Postgres then rejects the statement until it
    // uses the new parameter.
    const parameters: Record<Exclude<keyof SeriesTotals, 'areDeltas'>, Buffer> = {
      ids: encodeInt4Array(totals.ids),
      totals: encodeFloat8Array(totals.totals),
      totalLows: encodeFloat8Array(totals.totalLows),
      lastValues: encodeFloat8Array(totals.lastValues),
      lastAts: encodeFloat8Array(totals.lastAts),
      lastReceivedAts: encodeFloat8Array(totals.lastReceivedAts),
      lastWriterIds: encodeInt4Array(totals.lastWriterIds),
      lastSequences: encodeFloat8Array(totals.lastSequences),
      pushedAts: encodeFloat8Array(totals.pushedAts),
    };
    await transaction.query(
      `UPDATE ${this.schema}.series SET
         total = new.total, total_low = new.total_low, last_value = new.last_value,
         last_at = 'epoch'::timestamptz + new.last_ms * interval '1 millisecond',
         last_received_at = 'epoch'::timestamptz + new.last_received_ms * interval '1 millisecond',
         last_writer_id = new.last_writer_id, last_sequence = new.last_sequence::bigint,
         pushed_at = 'epoch'::timestamptz + new.pushed_ms * interval '1 millisecond',
         forgotten_at = NULL
       FROM unnest($1::int4[], $2::float8[], $3::float8[], $4::float8[], $5::float8[], $6::float8[], $7::int4[],
                   $8::float8[], $9::float8[])
         AS new (id, total, total_low, last_value, last_ms, last_received_ms, last_writer_id, last_sequence, pushed_ms)
       WHERE series.id = new.id`,
      Object.values(parameters),
    );
  }

  /**
   * Stores the sequence number of the newest compacted row of each writer, deletes the rows, and commits. The order matters,
   * because a process that repeats a commit of unknown outcome also locks its writer first and then looks for the row.
   *
   * All statements are one message, so Postgres never waits for this process while the writers are locked. This matters because a
   * push of unknown outcome needs its writer's row, and this process may freeze or become unreachable at any moment.
   */
  async removeRowsAndCommit(transaction: ArchiveTransaction, rows: readonly LogRow[]): Promise<void> {
    const newest = new Map<number, number>();
    for (const { writerId, sequence } of rows) newest.set(writerId, Math.max(sequence, newest.get(writerId) ?? 0));
    // Several statements in one message can't have parameters. Only numbers that came from Postgres are put into the text.
    await transaction.query(
      `UPDATE ${this.schema}.sample_writer SET folded_sequence = greatest(folded_sequence, compacted.sequence)
       FROM unnest(${arrayOf(newest.keys(), 'int')}, ${arrayOf(newest.values(), 'bigint')}) AS compacted (writer_id, sequence)
       WHERE sample_writer.id = compacted.writer_id;
       DELETE FROM ${this.schema}.sample_batch
       USING unnest(${arrayOf(
         rows.map(({ writerId }) => writerId),
         'int',
       )}, ${arrayOf(
         rows.map(({ sequence }) => sequence),
         'bigint',
       )}) AS compacted (writer_id, sequence)
       WHERE sample_batch.writer_id = compacted.writer_id AND sample_batch.sequence = compacted.sequence;
       COMMIT`,
    );
  }
}

function arrayOf(numbers: Iterable<number>, type: 'int' | 'bigint'): string {
  return `'{${Array.from(numbers, (number) => Math.trunc(number)).join(',')}}'::${type}[]`;
}

function column(expression: string, name: keyof SeriesTotals): string {
  return `array_send(coalesce(array_agg(${expression} ORDER BY id), '{}')) AS "${name}"`;
}

/**
 * Returns an SQL expression for a time in seconds since the epoch, as a double that is exact to a quarter of a microsecond, or
 * NaN for null.
 */
function secondsOf(column: string): string {
  return `coalesce(date_part('epoch', ${column}), 'NaN')`;
}

function toMilliseconds(seconds: number): number {
  return Math.round(seconds * 1000);
}
