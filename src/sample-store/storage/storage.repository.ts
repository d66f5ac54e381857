import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { CUSTOM_METRICS_DATA_SOURCE } from '../../database/data-source.token.js';
import { DatabaseSchema } from '../../database/schema/database-schema.js';
import { unmergedBlocks } from '../archive/turns/block-sets-sql.js';
import { isCurrent } from '../archive/turns/current-blocks-sql.js';
import { inSnapshot } from '../../database/transaction.js';
import type { CountedSamples, LivingWriter, StoredSizes } from './storage-report.js';

/** The tables of this service. The schema of a host may have other tables. */
const TABLES = [
  'api_token',
  'correction',
  'explorer_session',
  'forwarding',
  'forwarding_correction',
  'forwarding_position',
  'forwarding_row',
  'forwarding_source',
  'forwarding_total',
  'ingest_receipt',
  'metric',
  'metric_rename',
  'push_group_series',
  'refusal',
  'sample_archive',
  'sample_batch',
  'sample_block_fresh',
  'sample_block_merged',
  'sample_block_waiting',
  'sample_chunk',
  'sample_merge',
  'sample_writer',
  'series',
  'token_usage',
];

/** Time limits of each statement, because the database may be very large or another transaction may hold a lock. */
const LIMITS = { statementTimeoutMs: 4_000, idleTimeoutMs: 10_000 };

/** A process counts as alive for this long after its last heartbeat, which it renews every minute. */
const ALIVE_MINUTES = 3;

const MAX_WRITERS = 100;

/**
 * An SQL expression for the number of values in a row of the log. It is computed from the stored size of the array unless that is
 * compressed, because Postgres would have to read the whole array to return its length.
 */
const LOG_ROW_SAMPLES = `CASE WHEN pg_column_compression("values") IS NULL THEN (pg_column_size("values") - 20) / 8
  ELSE cardinality("values") END`;

/** Returns SQL that counts the samples of a table of blocks or chunks. */
function countOf(table: string): string {
  return `SELECT coalesce(sum(sample_count), 0) AS count, min(start_at) AS oldest FROM ${table} AS stored`;
}

/** Reads from Postgres what the storage report needs. */
@Injectable()
export class StorageRepository {
  constructor(
    @Inject(CUSTOM_METRICS_DATA_SOURCE) private readonly dataSource: DataSource,
    private readonly schema: DatabaseSchema,
  ) {}

  /** Returns the sizes of our tables, each with its partitions and indexes, the largest first. */
  async findSizes(): Promise<StoredSizes> {
    const [rows, [database]] = await inSnapshot(this.dataSource, LIMITS, async (snapshot) => {
      const tables: { name: string; bytes: string }[] = await snapshot.query(
        `SELECT root.relname AS name, sum(coalesce(pg_total_relation_size(leaf.oid), 0)) AS bytes
         FROM pg_class AS leaf JOIN pg_class AS root ON root.oid = coalesce(pg_partition_root(leaf.oid), leaf.oid)
         WHERE root.relnamespace = to_regnamespace($1) AND leaf.relkind IN ('r', 'p') AND root.relname = ANY ($2)
         GROUP BY root.relname ORDER BY bytes DESC, name`,
        [String(this.schema), TABLES],
      );
      const sizes: [{ bytes: string }] = await snapshot.query('SELECT pg_database_size(current_database()) AS bytes');
      return [tables, sizes] as const;
    });
    return {
      databaseBytes: Number(database.bytes),
      tables: rows.map(({ name, bytes }) => ({ name, bytes: Number(bytes) })),
    };
  }

  /**
   * Counts the samples. The effort grows with the number of blocks, so this may take longer than the time limit.
   *
   * @param timeoutMs how many milliseconds it may take at most, if that is less than the usual limit
   */
  async countSamples(timeoutMs: number): Promise<CountedSamples> {
    const statementTimeoutMs = Math.min(timeoutMs, LIMITS.statementTimeoutMs);
    const [row] = await inSnapshot(
      this.dataSource,
      { ...LIMITS, statementTimeoutMs },
      (snapshot): Promise<[Record<'archived' | 'logged', string> & { oldest: string | null }]> =>
        snapshot.query(
          `SELECT archive.count AS archived, log.count AS logged, date_part('epoch', least(archive.oldest, log.oldest)) * 1000 AS oldest
           FROM (
             SELECT sum(count) AS count, min(oldest) AS oldest FROM (
               ${countOf(unmergedBlocks(this.schema, 'sample_count, start_at'))}
               UNION ALL ${countOf(`${this.schema}.sample_chunk`)}
               UNION ALL ${countOf(`${this.schema}.sample_block_merged`)} WHERE ${isCurrent('stored', this.schema)}
             ) AS stored
           ) AS archive,
           (SELECT coalesce(sum(${LOG_ROW_SAMPLES}), 0) AS count, min(coalesce(earliest_at, received_at)) AS oldest
            FROM ${this.schema}.sample_batch WHERE pg_column_size("values") > 20) AS log`,
        ),
    );
    return {
      archived: Number(row.archived),
      inLog: Number(row.logged),
      oldestAt: row.oldest === null ? null : Number(row.oldest),
    };
  }

  /** Returns the processes that are alive, and for how long the oldest samples have been in the log. */
  async findWriters(): Promise<{ readonly writers: LivingWriter[]; readonly logAgeSeconds: number }> {
    return inSnapshot(this.dataSource, LIMITS, async (snapshot) => {
      const rows: (Record<'started' | 'alive', number> & { id: number; last: number | null })[] = await snapshot.query(
        `SELECT id, date_part('epoch', started_at) * 1000 AS started, date_part('epoch', alive_at) * 1000 AS alive,
           date_part('epoch', newest.received_at) * 1000 AS last
         FROM ${this.schema}.sample_writer
         LEFT JOIN LATERAL (
           SELECT received_at FROM ${this.schema}.sample_batch WHERE writer_id = sample_writer.id ORDER BY sequence DESC LIMIT 1
         ) AS newest ON true
         WHERE alive_at > now() - interval '${ALIVE_MINUTES} minutes' ORDER BY id DESC LIMIT ${MAX_WRITERS}`,
      );
      const [log]: [{ age: number | null }] = await snapshot.query(
        `SELECT date_part('epoch', now() - min(received_at)) AS age FROM ${this.schema}.sample_batch WHERE pg_column_size("values") > 20`,
      );
      return {
        writers: rows.map(({ id, started, alive, last }) => ({
          id,
          startedAt: started,
          aliveAt: alive,
          lastCommitAt: last,
        })),
        logAgeSeconds: Math.max(0, log.age ?? 0),
      };
    });
  }
}
