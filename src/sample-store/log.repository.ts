import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type QueryRunner } from 'typeorm';
import { CUSTOM_METRICS_DATA_SOURCE } from '../database/data-source.token.js';
import { decodeFloat8Array, decodeInt4Array, decodeInt8Array } from './packed-array.js';

/** One decoded row of the log. */
export interface LogRow {
  readonly writerId: number;
  readonly sequence: number;
  /** Milliseconds since the epoch. */
  readonly receivedAt: number;
  readonly seriesIds: Int32Array;
  /** Milliseconds since the epoch; null when all samples have `receivedAt`. */
  readonly timestamps: Float64Array | null;
  readonly values: Float64Array;
}

/** Which rows: those that may hold a sample of these series in this half-open range of time, ms since the epoch. */
export interface LogFilter {
  readonly seriesIds?: readonly number[];
  readonly from?: number;
  readonly to?: number;
}

/** What the fold has summed up of a series. */
export interface SeriesTotalsRow {
  readonly id: number;
  readonly total: number;
  readonly total_low: number;
  readonly last_value: number | null;
  readonly last_at: Date | null;
}

interface PackedRow {
  writer_id: number;
  sequence: string;
  received_at: Date;
  series_ids: Buffer;
  timestamps: Buffer | null;
  values: Buffer;
}

/** Samples asked for in one round trip: a few megabytes, whether rows hold one sample or a hundred thousand. */
const SAMPLES_PER_FETCH = 200_000;
const MAX_ROWS_PER_FETCH = 5_000;
/** Before the size of a row is known: each may hold as many samples as a fetch should. */
const FIRST_ROWS_PER_FETCH = 4;

/** One consistent view of the log and the totals: what is committed while it is open does not show in it. */
export class LogSnapshot {
  constructor(private readonly runner: QueryRunner) {}

  /** Totals of the series that the fold has touched, in pages. */
  async *totals(): AsyncGenerator<SeriesTotalsRow[]> {
    const pageSize = 20_000;
    for (let afterId = 0; ;) {
      const page: SeriesTotalsRow[] = await this.runner.query(
        `SELECT id, total, total_low, last_value, last_at FROM series
         WHERE id > $1 AND last_at IS NOT NULL ORDER BY id LIMIT ${pageSize}`,
        [afterId],
      );
      if (page.length > 0) yield page;
      if (page.length < pageSize) return;
      afterId = page.at(-1)!.id;
    }
  }

  /** Rows in the order of their writers and sequences, in pages, with arrays in binary: 3.5 M samples a second. */
  async *rows(filter: LogFilter = {}): AsyncGenerator<LogRow[]> {
    await this.runner.query(
      `DECLARE log_rows NO SCROLL CURSOR FOR
       SELECT writer_id, sequence, received_at, array_send(series_ids) AS series_ids,
              array_send(timestamps) AS timestamps, array_send("values") AS "values"
       FROM sample_batch
       WHERE ($2::timestamptz IS NULL OR coalesce(latest_at, received_at) >= $2::timestamptz)
         AND ($3::timestamptz IS NULL OR coalesce(earliest_at, received_at) < $3::timestamptz)
         -- Last, because it reads the whole array: conditions are checked in their order.
         AND ($1::int[] IS NULL OR series_ids && $1::int[])
       ORDER BY writer_id, sequence`,
      [filter.seriesIds ?? null, dateOf(filter.from), dateOf(filter.to)],
    );
    let rowsPerFetch = FIRST_ROWS_PER_FETCH;
    for (;;) {
      const packed: PackedRow[] = await this.runner.query(`FETCH ${rowsPerFetch} FROM log_rows`);
      if (packed.length === 0) break;
      const page = packed.map(decode);
      yield page;
      const samples = page.reduce((count, { values }) => count + values.length, 0);
      const samplesPerRow = Math.max(1, samples / page.length);
      rowsPerFetch = Math.ceil(Math.min(MAX_ROWS_PER_FETCH, SAMPLES_PER_FETCH / samplesPerRow));
    }
    await this.runner.query('CLOSE log_rows');
  }
}

/** Writers whose heartbeat is older than this at a look have ended before the look before, and were read to their end. */
const WRITER_LIFETIME_SECONDS = 3_600;

/** Rows, and about the samples in them, of one writer that a look for news brings at most; the next look brings more. */
const NEWS_ROWS_PER_WRITER = 500;
const NEWS_SAMPLES_PER_WRITER = 200_000;

/** What a look for news found. */
export interface LogNews {
  readonly rows: readonly LogRow[];
  /** There may be more: some writer had more rows than one look brings. */
  readonly isCut: boolean;
}

/** One step of reading may take longer than a statement of ingestion, whose limit the connection has. */
const READ_TIMEOUT_MS = 60_000;

/** Opens snapshots of the log, and looks for what other processes have added to it. */
@Injectable()
export class LogRepository {
  constructor(@Inject(CUSTOM_METRICS_DATA_SOURCE) private readonly dataSource: DataSource) {}

  /**
   * Rows that other writers have committed since a look. The sequence of a writer has no gaps that could fill later: it
   * commits one row at a time.
   *
   * @param ownWriterId whose rows are left out
   * @param seen the newest sequence known of each writer
   * @param secondsSinceLook how long ago the last look succeeded; writers that ended in between are still read
   */
  async findNews(ownWriterId: number, seen: ReadonlyMap<number, number>, secondsSinceLook: number): Promise<LogNews> {
    const packed: PackedRow[] = await this.dataSource.query(
      `SELECT batch.writer_id, batch.sequence, batch.received_at, array_send(batch.series_ids) AS series_ids,
              array_send(batch.timestamps) AS timestamps, array_send(batch."values") AS "values"
       FROM sample_writer AS writer
       LEFT JOIN unnest($2::int[], $3::bigint[]) AS seen (writer_id, sequence) ON seen.writer_id = writer.id
       CROSS JOIN LATERAL (
         SELECT * FROM (
           SELECT *, sum(cardinality(series_ids)) OVER (ORDER BY sequence) - cardinality(series_ids) AS samples_before
           FROM (
             SELECT * FROM sample_batch
             WHERE writer_id = writer.id AND sequence > coalesce(seen.sequence, 0)
             ORDER BY sequence LIMIT ${NEWS_ROWS_PER_WRITER}
           ) AS page
         ) AS sized
         WHERE samples_before < ${NEWS_SAMPLES_PER_WRITER}
       ) AS batch
       WHERE writer.id <> $1 AND writer.alive_at > now() - make_interval(secs => $4::float8 + ${WRITER_LIFETIME_SECONDS})
       ORDER BY batch.writer_id, batch.sequence`,
      [ownWriterId, [...seen.keys()], [...seen.values()], secondsSinceLook],
    );
    const rows = packed.map(decode);
    const samples = rows.reduce((count, { values }) => count + values.length, 0);
    return { rows, isCut: rows.length >= NEWS_ROWS_PER_WRITER || samples >= NEWS_SAMPLES_PER_WRITER };
  }

  /** Renews the heartbeat of a writer. */
  async keepAlive(writerId: number): Promise<void> {
    await this.dataSource.query('UPDATE sample_writer SET alive_at = now() WHERE id = $1', [writerId]);
  }

  /** Runs a reading task on one consistent view, which ends with the task, however that ends. */
  async withSnapshot<T>(task: (snapshot: LogSnapshot) => Promise<T>): Promise<T> {
    const runner = this.dataSource.createQueryRunner();
    try {
      await runner.startTransaction('REPEATABLE READ');
      await runner.query(`SET LOCAL statement_timeout = ${READ_TIMEOUT_MS}`);
      try {
        return await task(new LogSnapshot(runner));
      } finally {
        // Nothing was written: rolling back ends the transaction and its cursors in every state they may be in.
        await runner.rollbackTransaction();
      }
    } finally {
      await runner.release();
    }
  }
}

function decode(row: PackedRow): LogRow {
  return {
    writerId: row.writer_id,
    sequence: Number(row.sequence),
    receivedAt: row.received_at.getTime(),
    seriesIds: decodeInt4Array(row.series_ids),
    timestamps: row.timestamps === null ? null : decodeInt8Array(row.timestamps),
    values: decodeFloat8Array(row.values),
  };
}

function dateOf(timestamp: number | undefined): Date | null {
  return timestamp === undefined ? null : new Date(timestamp);
}
