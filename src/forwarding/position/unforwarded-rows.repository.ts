import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { CUSTOM_METRICS_DATA_SOURCE } from '../../database/data-source.token.js';
import { KnownDatabase } from '../../database/known-database.js';
import { DatabaseSchema } from '../../database/schema/database-schema.js';
import { decodeLogRow, logRowColumns, type PackedLogRow } from '../../sample-store/log/log-row.js';
import type { Positions } from './lease.js';
import type { UnforwardedRow } from './stretch.js';

/**
 * The age at which rows are forwarded. Rows of several processes become visible in any order, but at this age nearly all rows
 * that arrived earlier are visible. A row that is committed even later is still forwarded, but may be too late for the target.
 */
const SETTLING_SECONDS = 1;

/** The limits of one read for each writer. */
const MAX_ROWS = 2_000;
const MAX_BYTES = 4_000_000;

interface PackedRow extends PackedLogRow {
  readonly arrived_ms: number;
  readonly has_left_log: boolean;
  readonly is_last: boolean;
  readonly is_cut: boolean | null;
}

/** A row as it is stored. If it has left the log, it may contain samples that have been deleted in the meantime. */
export interface FoundRow extends UnforwardedRow {
  readonly hasLeftLog: boolean;
}

/** Reads rows that have not been forwarded, from the log and from the rows that were kept when they left the log. */
@Injectable()
export class UnforwardedRowsRepository {
  constructor(
    @Inject(CUSTOM_METRICS_DATA_SOURCE) private readonly dataSource: DataSource,
    private readonly known: KnownDatabase,
    private readonly schema: DatabaseSchema,
  ) {}

  /** Returns the oldest rows of each writer that have not been forwarded, up to a limit, in the order of their arrival. */
  find(): Promise<FoundRow[]> {
    return this.read(undefined);
  }

  /** Returns all rows up to the given positions that have not been forwarded. */
  findClaimed(claimed: Positions): Promise<FoundRow[]> {
    return this.read(claimed);
  }

  private async read(claimed: Positions | undefined): Promise<FoundRow[]> {
    const { schema } = this;
    // Both tables are searched by their primary keys, so the effort does not depend on the number of rows that wait.
    const ofWriter = (table: string) =>
      `(SELECT writer_id, sequence, received_at, series_ids, timestamps, "values", ${table === 'forwarding_row'} AS has_left_log FROM ${schema}.${table}
        WHERE writer_id = writer.id AND sequence > writer.reached AND ($1::int[] IS NULL OR sequence <= writer.claimed)
        ORDER BY sequence LIMIT $3::bigint)`;
    const rows: PackedRow[] = await this.dataSource.query(
      `WITH RECURSIVE ${writersOf('logged', `${schema}.sample_batch`)}, ${writersOf('kept', `${schema}.forwarding_row`)},
       writer AS (
         SELECT found.id, coalesce(position.sequence, 0) AS reached, claimed.sequence AS claimed
         FROM (SELECT id FROM logged UNION SELECT id FROM kept) AS found
         LEFT JOIN ${schema}.forwarding_position AS position ON position.writer_id = found.id
         LEFT JOIN unnest($1::int[], $2::bigint[]) AS claimed (writer_id, sequence) ON claimed.writer_id = found.id
         WHERE found.id IS NOT NULL AND ($1::int[] IS NULL OR claimed.sequence IS NOT NULL)
       )
       SELECT ${logRowColumns('batch')}, date_part('epoch', batch.arrived_at) * 1000 AS arrived_ms, batch.is_cut, batch.has_left_log,
              batch.sequence = max(batch.sequence) OVER (PARTITION BY batch.writer_id) AS is_last
       FROM writer CROSS JOIN LATERAL (
         SELECT sized.*, bool_or(bytes_before >= $4::float8) OVER () OR count(*) OVER () >= $3::bigint AS is_cut
         FROM (
           SELECT page.*, max(received_at) OVER earlier AS arrived_at,
                  bool_and(received_at < clock_timestamp() - make_interval(secs => $5)) OVER earlier AS is_settled,
                  sum(bytes) OVER earlier - bytes AS bytes_before
           FROM (
             -- The stored size is used, because counting samples would read the arrays of rows beyond the limit.
             SELECT *, pg_column_size(series_ids) + pg_column_size("values") + coalesce(pg_column_size(timestamps), 0) AS bytes
             FROM (${ofWriter('sample_batch')} UNION ALL ${ofWriter('forwarding_row')}) AS both_tables
             ORDER BY sequence LIMIT $3::bigint
           ) AS page
           WINDOW earlier AS (ORDER BY sequence)
         ) AS sized
         WHERE is_settled
       ) AS batch
       WHERE batch.bytes_before < $4::float8 AND ${this.known.condition(6)}
       ORDER BY batch.arrived_at, batch.writer_id, batch.sequence`,
      [
        claimed === undefined ? null : [...claimed.keys()],
        claimed === undefined ? null : [...claimed.values()],
        claimed === undefined ? MAX_ROWS : null,
        claimed === undefined ? MAX_BYTES : 'Infinity',
        claimed === undefined ? SETTLING_SECONDS : -86_400 * 365,
        ...this.known.values,
      ],
    );
    return rows.map((row) =>
      Object.assign(decodeLogRow(row), {
        arrivedAt: row.arrived_ms,
        hasLeftLog: row.has_left_log,
        isEndOfPage: row.is_cut === true && row.is_last,
      }),
    );
  }
}

/**
 * Returns recursive SQL that finds the writers of a table by one search in the primary key for each, instead of reading all rows.
 */
function writersOf(name: string, table: string): string {
  return `${name} (id) AS (
    SELECT min(writer_id) FROM ${table}
    UNION ALL
    SELECT (SELECT min(writer_id) FROM ${table} WHERE writer_id > ${name}.id) FROM ${name} WHERE ${name}.id IS NOT NULL
  )`;
}
