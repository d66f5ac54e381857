import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { CUSTOM_METRICS_DATA_SOURCE } from '../database/data-source.token.js';
import { decodeLogRow, type LogRow, logRowColumns, type PackedLogRow } from './log-row.js';

/** Writers whose heartbeat is older than this at a look have ended before the look before, and were read to their end. */
const WRITER_LIFETIME_SECONDS = 3_600;

/** Rows, and about the samples in them, of one writer that a look for news brings at most; the next look brings more. */
const NEWS_ROWS_PER_WRITER = 500;
const NEWS_SAMPLES_PER_WRITER = 200_000;

/** What a look for news found. */
export interface LogNews {
  /** Rows of one writer are in the order of their sequences. */
  readonly rows: readonly LogRow[];
  /** There may be more: some writer had more rows than one look brings. */
  readonly isCut: boolean;
  /** The fold has moved rows out of the log that were not seen: what they held is only in the totals. */
  readonly isBehindFold: boolean;
}

type NewsRow = { folded_past: boolean } & (PackedLogRow | { [Column in keyof PackedLogRow]: null });

/** Looks for what other processes have added to the log, and tells them that this one is alive. */
@Injectable()
export class LogRepository {
  constructor(@Inject(CUSTOM_METRICS_DATA_SOURCE) private readonly dataSource: DataSource) {}

  /**
   * Rows that other writers have committed since a look. The sequence of a writer has no gaps that could fill later: it
   * commits one row at a time.
   *
   * One statement, and so one snapshot: a row is either in the log or counted in `folded_sequence`, never neither.
   *
   * @param ownWriterId whose rows are left out
   * @param seen the newest sequence known of each writer
   * @param secondsSinceLook how long ago the last look succeeded; writers that ended in between are still read
   */
  async findNews(ownWriterId: number, seen: ReadonlyMap<number, number>, secondsSinceLook: number): Promise<LogNews> {
    const found: NewsRow[] = await this.dataSource.query(
      `SELECT writer.folded_sequence > coalesce(seen.sequence, 0) AS folded_past, ${logRowColumns('batch')}
       FROM sample_writer AS writer
       LEFT JOIN unnest($2::int[], $3::bigint[]) AS seen (writer_id, sequence) ON seen.writer_id = writer.id
       LEFT JOIN LATERAL (
         SELECT * FROM (
           SELECT *, sum(cardinality(series_ids)) OVER (ORDER BY sequence) - cardinality(series_ids) AS samples_before
           FROM (
             SELECT * FROM sample_batch
             WHERE writer_id = writer.id AND sequence > coalesce(seen.sequence, 0)
             ORDER BY sequence LIMIT ${NEWS_ROWS_PER_WRITER}
           ) AS page
         ) AS sized
         WHERE samples_before < ${NEWS_SAMPLES_PER_WRITER}
       ) AS batch ON true
       WHERE writer.id <> $1 AND writer.alive_at > now() - make_interval(secs => $4::float8 + ${WRITER_LIFETIME_SECONDS})
       ORDER BY batch.writer_id, batch.sequence`,
      [ownWriterId, [...seen.keys()], [...seen.values()], secondsSinceLook],
    );
    const rows = found.filter((row): row is NewsRow & PackedLogRow => row.writer_id !== null).map(decodeLogRow);
    const samples = rows.reduce((count, { values }) => count + values.length, 0);
    return {
      rows,
      isCut: rows.length >= NEWS_ROWS_PER_WRITER || samples >= NEWS_SAMPLES_PER_WRITER,
      isBehindFold: found.some(({ folded_past }) => folded_past),
    };
  }

  /** Renews the heartbeat of a writer. */
  async keepAlive(writerId: number): Promise<void> {
    await this.dataSource.query('UPDATE sample_writer SET alive_at = now() WHERE id = $1', [writerId]);
  }
}
