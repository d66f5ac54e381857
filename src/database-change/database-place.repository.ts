import { Injectable } from '@nestjs/common';
import type { Metric } from '../catalog/series/series.js';
import { isOutage } from '../database/outage.js';
import type { StoreSnapshot } from '../sample-store/reading/store-snapshot.repository.js';
import { DatabaseSchema } from '../database/schema/database-schema.js';

/** Identifies a running Postgres server and one of its databases. */
export interface DatabasePlace {
  /** The value that `custom_metrics_is_known` compares; it changes each time the server starts. */
  readonly place: string;
  /** A value that stays the same when the same server restarts; undefined if the role has no permission to read it. */
  readonly origin: string | undefined;
}

/** The newest rows that this process has seen in a database. */
export interface SeenRows {
  readonly landmarks: readonly (number | null)[];
  readonly renamed: Pick<Metric, 'name' | 'nameId'> | undefined;
  /** The id of the newest correction, or 0. */
  readonly correction: number;
  /** The newest sequence of each writer that has been applied to the live values. */
  readonly sequences: ReadonlyMap<number, number>;
}

/** Contains all SQL that distinguishes one database from another. */
@Injectable()
export class DatabasePlaceRepository {
  constructor(private readonly schema: DatabaseSchema) {}

  /**
   * Identifies the database of a snapshot.
   *
   * @throws DatabaseNotReadyError while the database is read-only or a backup is being restored
   */
  async find(snapshot: StoreSnapshot): Promise<DatabasePlace> {
    // A restore creates foreign keys last, after all rows and the sequences of the ids.
    const [state] = await snapshot.query<[{ is_standby: boolean; is_whole: boolean }]>(
      `SELECT pg_is_in_recovery() AS is_standby,
              EXISTS (SELECT FROM pg_constraint WHERE conname = 'push_group_series_series_id_fkey'
                      AND conrelid = to_regclass($1))
              AND to_regclass($2) IS NOT NULL AS is_whole`,
      [`${this.schema}.push_group_series`, `${this.schema}.sample_batch_pkey`],
    );
    if (state.is_standby) throw new DatabaseNotReadyError('Postgres is a read-only standby.');
    if (!state.is_whole) throw new DatabaseNotReadyError('The database is incomplete. Is a backup being restored?');
    const [row] = await snapshot.query<[{ place: string }]>(`SELECT ${this.schema}.custom_metrics_place() AS place`);
    return { place: row.place, origin: await this.findOrigin(snapshot) };
  }

  /** Returns whether the database contains everything that this process has seen. */
  async has(snapshot: StoreSnapshot, { landmarks, renamed, correction, sequences }: SeenRows): Promise<boolean> {
    // The name of a renamed counter of a histogram begins with the new name in the request.
    const [row] = await snapshot.query<[{ has_all: boolean }]>(
      `SELECT ${this.schema}.custom_metrics_has_landmarks($1::float8[])
       AND ($4::int IS NULL OR EXISTS (
         SELECT FROM ${this.schema}.metric_rename WHERE id = $4 AND starts_with($5::text, to_name)))
       AND $6::bigint <= (SELECT coalesce(max(id), 0) FROM ${this.schema}.correction)
       AND NOT EXISTS (
         SELECT FROM unnest($2::int[], $3::bigint[]) AS seen (writer_id, sequence)
         LEFT JOIN ${this.schema}.sample_writer AS writer ON writer.id = seen.writer_id
         WHERE writer.id IS NULL OR writer.folded_sequence < seen.sequence AND NOT EXISTS (
           SELECT FROM ${this.schema}.sample_batch AS batch WHERE batch.writer_id = seen.writer_id AND batch.sequence = seen.sequence)
       ) AS has_all`,
      [
        landmarks,
        [...sequences.keys()],
        [...sequences.values()],
        renamed?.nameId ?? null,
        renamed?.name ?? null,
        correction,
      ],
    );
    return row.has_all;
  }

  /**
   * Combines values that together identify a database: a cluster and all its copies share the system identifier; a promotion or a
   * point-in-time restore starts a new timeline; the oids distinguish the databases of a cluster, and a restored table gets a new
   * oid. Returns undefined if the role has no permission to read these values.
   */
  private async findOrigin(snapshot: StoreSnapshot): Promise<string | undefined> {
    // Without the savepoint, a missing privilege would abort the whole transaction.
    await snapshot.query('SAVEPOINT origin');
    try {
      const [row] = await snapshot.query<[{ origin: string }]>(
        `SELECT concat_ws('/', system_identifier, left(pg_walfile_name(pg_current_wal_insert_lsn()), 8),
                          (SELECT oid FROM pg_database WHERE datname = current_database()),
                          to_regclass($1)::oid) AS origin
         FROM pg_control_system()`,
        [`${this.schema}.sample_batch`],
      );
      return row.origin;
    } catch (error) {
      if (isOutage(error)) throw error;
      await snapshot.query('ROLLBACK TO SAVEPOINT origin');
      return undefined;
    }
  }
}

/** The error for a Postgres that answers, but can't be used yet. */
export class DatabaseNotReadyError extends Error {
  override readonly name = 'DatabaseNotReadyError';
  /** The SQLSTATE cannot_connect_now, which Postgres uses while it starts. */
  readonly code = '57P03';
}
