import { Injectable } from '@nestjs/common';
import { isOutage } from '../database/outage.js';
import type { StoreSnapshot } from '../sample-store/reading/store-snapshot.repository.js';

/** Where a database is, and whether it can be the one that a process has read. */
export interface DatabasePlace {
  /** As `custom_metrics_is_known` compares it: another one after each start of the server. */
  readonly place: string;
  /** Stays the same when the same server is started anew; undefined where the role may not know it. */
  readonly origin: string | undefined;
}

/** What this process has seen of a database. */
export interface SeenRows {
  readonly landmarks: readonly (number | null)[];
  /** The newest sequence of each writer that the live values show. */
  readonly sequences: ReadonlyMap<number, number>;
}

/** All SQL that tells one database from another. */
@Injectable()
export class DatabasePlaceRepository {
  /**
   * @throws DatabaseNotReadyError while nothing can be written there, or a backup is being restored
   */
  async find(snapshot: StoreSnapshot): Promise<DatabasePlace> {
    // A restore makes foreign keys last, when all rows and the counters of the ids are there.
    const [state] = await snapshot.query<[{ is_standby: boolean; is_whole: boolean }]>(
      `SELECT pg_is_in_recovery() AS is_standby,
              EXISTS (SELECT FROM pg_constraint WHERE conname = 'push_group_series_series_id_fkey'
                      AND conrelid = to_regclass('push_group_series'))
              AND to_regclass('sample_batch_pkey') IS NOT NULL AS is_whole`,
    );
    if (state.is_standby) throw new DatabaseNotReadyError('Postgres is a standby, to which nothing can be written.');
    if (!state.is_whole) throw new DatabaseNotReadyError('The database is not complete: is a backup being restored?');
    const [row] = await snapshot.query<[{ place: string }]>('SELECT custom_metrics_place() AS place');
    return { place: row.place, origin: await this.findOrigin(snapshot) };
  }

  /** Whether everything is there that this process has seen. */
  async has(snapshot: StoreSnapshot, { landmarks, sequences }: SeenRows): Promise<boolean> {
    const [row] = await snapshot.query<[{ has_all: boolean }]>(
      `SELECT custom_metrics_has_landmarks($1::float8[]) AND NOT EXISTS (
         SELECT FROM unnest($2::int[], $3::bigint[]) AS seen (writer_id, sequence)
         LEFT JOIN sample_writer AS writer ON writer.id = seen.writer_id
         WHERE writer.id IS NULL OR writer.folded_sequence < seen.sequence AND NOT EXISTS (
           SELECT FROM sample_batch AS batch WHERE batch.writer_id = seen.writer_id AND batch.sequence = seen.sequence)
       ) AS has_all`,
      [landmarks, [...sequences.keys()], [...sequences.values()]],
    );
    return row.has_all;
  }

  /**
   * The system identifier is of the cluster and all its copies; a promotion or a restore to a point in time begins another
   * timeline; a restored table has another number.
   */
  private async findOrigin(snapshot: StoreSnapshot): Promise<string | undefined> {
    // A server that does not let the role ask ends the transaction but for this.
    await snapshot.query('SAVEPOINT origin');
    try {
      const [row] = await snapshot.query<[{ origin: string }]>(
        `SELECT concat_ws('/', system_identifier, left(pg_walfile_name(pg_current_wal_insert_lsn()), 8),
                          (SELECT oid FROM pg_database WHERE datname = current_database()),
                          to_regclass('sample_batch')::oid) AS origin
         FROM pg_control_system()`,
      );
      return row.origin;
    } catch (error) {
      if (isOutage(error)) throw error;
      await snapshot.query('ROLLBACK TO SAVEPOINT origin');
      return undefined;
    }
  }
}

/** Postgres answers, but cannot be worked with yet. */
export class DatabaseNotReadyError extends Error {
  override readonly name = 'DatabaseNotReadyError';
  /** cannot_connect_now, as Postgres says while it starts. */
  readonly code = '57P03';
}
