import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { CUSTOM_METRICS_DATA_SOURCE } from '../../database/data-source.token.js';
import { KnownDatabase } from '../../database/known-database.js';
import { decodeLogRow, type LogRow, logRowColumns, type PackedLogRow } from './log-row.js';

/** Writers whose heartbeat is older than this at a look have ended before the look before, and were read to their end. */
const WRITER_LIFETIME_SECONDS = 3_600;

/** How much of one writer a poll of the change feed brings at most; the next look brings more. One row is brought however large it is. */
export interface NewsPage {
  readonly rows: number;
  /** As they are stored, which is compressed where Postgres does that. */
  readonly bytes: number;
}

/** What a poll of the change feed found. */
export interface LogChanges {
  /** Rows of one writer are in the order of their sequences. */
  readonly rows: readonly LogRow[];
  /** There may be more: some writer had more rows than one look brings. */
  readonly isCut: boolean;
  /** The compaction has moved rows out of the log that were not seen: what they held is only in the totals. */
  readonly isBehindCompaction: boolean;
}

type ChangeRow = { compacted_past: boolean; page_rows: number } & (
  PackedLogRow | { [Column in keyof PackedLogRow]: null }
);

/** Looks for what other processes have added to the log, and tells them that this one is alive. */
@Injectable()
export class LogRepository {
  constructor(
    @Inject(CUSTOM_METRICS_DATA_SOURCE) private readonly dataSource: DataSource,
    private readonly known: KnownDatabase,
  ) {}

  /**
   * Rows that other writers have committed since a look. The sequence of a writer has no gaps that could fill later: it
   * commits one row at a time.
   *
   * One statement, and so one snapshot: a row is either in the log or counted in `folded_sequence`, never neither.
   *
   * @param ownWriterId whose rows are left out
   * @param seen the newest sequence known of each writer
   * @param secondsSincePoll how long ago the last look succeeded; writers that ended in between are still read
   * @param page how much of each writer to bring
   */
  async findChanges(
    ownWriterId: number,
    seen: ReadonlyMap<number, number>,
    secondsSincePoll: number,
    page: NewsPage,
  ): Promise<LogChanges> {
    const found: ChangeRow[] = await this.dataSource.query(
      `SELECT writer.folded_sequence > coalesce(seen.sequence, 0) AS compacted_past, batch.page_rows::int, ${logRowColumns('batch')}
       FROM sample_writer AS writer
       LEFT JOIN unnest($2::int[], $3::bigint[]) AS seen (writer_id, sequence) ON seen.writer_id = writer.id
       LEFT JOIN LATERAL (
         SELECT * FROM (
           SELECT *, sum(stored_bytes) OVER (ORDER BY sequence) - stored_bytes AS bytes_before, count(*) OVER () AS page_rows
           FROM (
             -- By the size as stored: to count samples would read every array of rows that do not fit any more.
             SELECT *, pg_column_size(series_ids) + pg_column_size("values") + coalesce(pg_column_size(timestamps), 0) AS stored_bytes
             FROM sample_batch
             WHERE writer_id = writer.id AND sequence > coalesce(seen.sequence, 0)
             ORDER BY sequence LIMIT $5
           ) AS page
         ) AS sized
         WHERE bytes_before < $6
       ) AS batch ON true
       WHERE ${this.known.condition(7)} AND writer.id <> $1 AND writer.alive_at > now() - make_interval(secs => $4::float8 + ${WRITER_LIFETIME_SECONDS})
       ORDER BY batch.writer_id, batch.sequence`,
      [
        ownWriterId,
        [...seen.keys()],
        [...seen.values()],
        secondsSincePoll,
        page.rows,
        page.bytes,
        ...this.known.values,
      ],
    );
    const packed = found.filter((row): row is ChangeRow & PackedLogRow => row.writer_id !== null);
    return {
      rows: packed.map(decodeLogRow),
      isCut: isCut(packed, page.rows),
      isBehindCompaction: found.some(({ compacted_past }) => compacted_past),
    };
  }

  /** Renews the heartbeat of a writer. */
  async keepAlive(writerId: number): Promise<void> {
    await this.dataSource.query(
      `UPDATE sample_writer SET alive_at = now() WHERE id = $1 AND ${this.known.condition(2)}`,
      [writerId, ...this.known.values],
    );
  }
}

/** Whether a writer may have more rows than were brought: it filled its page, or the page was cut by its bytes. */
function isCut(rows: readonly (ChangeRow & PackedLogRow)[], pageRows: number): boolean {
  const brought = new Map<number, number>();
  for (const { writer_id } of rows) brought.set(writer_id, (brought.get(writer_id) ?? 0) + 1);
  return rows.some(({ writer_id, page_rows }) => page_rows >= pageRows || brought.get(writer_id)! < page_rows);
}
