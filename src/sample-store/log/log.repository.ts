import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { CUSTOM_METRICS_DATA_SOURCE } from '../../database/data-source.token.js';
import { KnownDatabase } from '../../database/known-database.js';
import { decodeLogRow, type LogRow, logRowColumns, type PackedLogRow } from './log-row.js';
import { DatabaseSchema } from '../../database/schema/database-schema.js';

/**
 * The time after which a writer without a heartbeat counts as ended. If a heartbeat is older than this plus the time since the
 * last poll, the writer ended before that poll, so all of its rows have been read.
 */
const WRITER_LIFETIME_SECONDS = 3_600;

/**
 * The limit of one poll for each writer. The next poll continues where this one stopped. At least one row is read, even if it
 * exceeds the limit.
 */
export interface PollLimit {
  readonly rows: number;
  /** The number of stored bytes, that is, after compression if Postgres compresses the arrays. */
  readonly bytes: number;
}

/** The result of a poll. */
export interface LogChanges {
  /** The rows, with those of each writer in the order of their sequence numbers. */
  readonly rows: readonly LogRow[];
  /** True if there may be more rows, because the rows of some writer reached the limit of one poll. */
  readonly isCut: boolean;
  /**
   * True if the compaction has moved unread rows out of the log. Their samples are now in the totals, which must be loaded again.
   */
  readonly isBehindCompaction: boolean;
  /** The id of the newest correction, or 0 if there is none. */
  readonly newestCorrection: number;
}

type ChangeRow = { newest_correction: string; compacted_past: boolean | null; page_rows: number } & (
  PackedLogRow | { [Column in keyof PackedLogRow]: null }
);

/** Reads the rows that other processes have added to the log, and renews the heartbeat of this process. */
@Injectable()
export class LogRepository {
  constructor(
    @Inject(CUSTOM_METRICS_DATA_SOURCE) private readonly dataSource: DataSource,
    private readonly known: KnownDatabase,
    private readonly schema: DatabaseSchema,
  ) {}

  /**
   * Returns the rows that other writers have committed since the last poll. A writer commits one row at a time, so its sequence
   * numbers have no gaps that could be filled later.
   *
   * This is one statement and therefore one snapshot, so every row is either in the log or counted in `folded_sequence`.
   *
   * @param ownWriterId the writer whose rows are left out
   * @param seen the newest sequence number that was read of each writer
   * @param secondsSincePoll the time since the last poll that succeeded; writers that ended since then are still read
   * @param page the limit for each writer
   */
  async findChanges(
    ownWriterId: number,
    seen: ReadonlyMap<number, number>,
    secondsSincePoll: number,
    page: PollLimit,
  ): Promise<LogChanges> {
    const found: ChangeRow[] = await this.dataSource.query(
      `SELECT corrected.newest AS newest_correction, writer.folded_sequence > coalesce(seen.sequence, 0) AS compacted_past,
              batch.page_rows::int, ${logRowColumns('batch')}
       FROM (SELECT coalesce(max(id), 0) AS newest FROM ${this.schema}.correction) AS corrected
       LEFT JOIN ${this.schema}.sample_writer AS writer
         ON writer.id <> $1 AND writer.alive_at > now() - make_interval(secs => $4::float8 + ${WRITER_LIFETIME_SECONDS})
       LEFT JOIN unnest($2::int[], $3::bigint[]) AS seen (writer_id, sequence) ON seen.writer_id = writer.id
       LEFT JOIN LATERAL (
         SELECT * FROM (
           SELECT *, sum(stored_bytes) OVER (ORDER BY sequence) - stored_bytes AS bytes_before, count(*) OVER () AS page_rows
           FROM (
             -- The limit uses the stored size, because counting samples would read the arrays of all rows, even of those beyond the limit.
             SELECT *, pg_column_size(series_ids) + pg_column_size("values") + coalesce(pg_column_size(timestamps), 0) AS stored_bytes
             FROM ${this.schema}.sample_batch
             WHERE writer_id = writer.id AND sequence > coalesce(seen.sequence, 0)
             ORDER BY sequence LIMIT $5
           ) AS page
         ) AS sized
         WHERE bytes_before < $6
       ) AS batch ON true
       WHERE ${this.known.condition(7)}
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
      isBehindCompaction: found.some(({ compacted_past }) => compacted_past === true),
      newestCorrection: Number(found[0]?.newest_correction ?? 0),
    };
  }

  /** Renews the heartbeat of a writer. */
  async keepAlive(writerId: number): Promise<void> {
    await this.dataSource.query(
      `UPDATE ${this.schema}.sample_writer SET alive_at = now() WHERE id = $1 AND ${this.known.condition(2)}`,
      [writerId, ...this.known.values],
    );
  }
}

/** Returns whether a writer may have more rows than were read, because it reached its limit of rows or of bytes. */
function isCut(rows: readonly (ChangeRow & PackedLogRow)[], pageRows: number): boolean {
  const brought = new Map<number, number>();
  for (const { writer_id } of rows) brought.set(writer_id, (brought.get(writer_id) ?? 0) + 1);
  return rows.some(({ writer_id, page_rows }) => page_rows >= pageRows || brought.get(writer_id)! < page_rows);
}
