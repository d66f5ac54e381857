import { Inject, Injectable } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { CUSTOM_METRICS_DATA_SOURCE } from '../../database/data-source.token.js';
import { isOutage } from '../../database/outage.js';
import { DatabaseSchema } from '../../database/schema/database-schema.js';
import { StoreUnavailableError } from '../../database/store-unavailable.error.js';
import type { StoreSnapshot } from './store-snapshot.repository.js';

/** The progress of a process that writes to a database. */
interface WriterProgress {
  readonly id: number;
  readonly started_at: Date;
  /** The newest sequence number of its rows, whether they are in the log or compacted. */
  readonly sequence: string;
}

/**
 * The error for a history database that is neither the main database nor a standby of it, so that its samples may belong to other
 * series.
 */
export class ForeignHistoryError extends StoreUnavailableError {}

const RETRY_AFTER_SECONDS = 5;

/**
 * Checks that a database is the main database or a standby of it. An old primary after a failover, a standby that still follows
 * the old primary, and a different database all answer queries as well, but they may lack samples, or their samples may belong to
 * other series.
 */
@Injectable()
export class HistoryPlaceRepository {
  /** Identifies the last database that was accepted, by the value of {@link placeOf}. */
  private accepted: string | undefined;

  constructor(
    @Inject(CUSTOM_METRICS_DATA_SOURCE) private readonly primary: DataSource,
    private readonly schema: DatabaseSchema,
  ) {}

  /**
   * Checks that the main database has everything that the database of a snapshot has. Each process numbers its commits, and a
   * standby is never ahead of its primary, whereas an old primary has commits that the new one lacks.
   *
   * @throws ForeignHistoryError if the main database lacks commits, or if the snapshot is of another server that is not a standby
   */
  async check(snapshot: StoreSnapshot): Promise<void> {
    const [replica] = await snapshot.query<[{ place: string; is_standby: boolean }]>(
      `SELECT ${this.placeOf()} AS place, pg_is_in_recovery() AS is_standby`,
    );
    // This statement is not inside the try, because its failure is an outage of the replica and not of the main database.
    const writers = replica.is_standby ? await snapshot.query<WriterProgress[]>(this.progress()) : undefined;
    try {
      if (writers === undefined) await this.checkPrimary(replica.place);
      else await this.checkStandby(writers);
    } catch (error) {
      // History remains available while the main database is not, if this server was accepted before.
      if (isOutage(error) && replica.place === this.accepted) return;
      this.accepted = undefined;
      throw error;
    }
    this.accepted = replica.place;
  }

  private async checkPrimary(place: string): Promise<void> {
    const [main]: [{ place: string }] = await this.primary.query(`SELECT ${this.placeOf()} AS place`);
    if (main.place !== place) throw foreign('it is not a standby, and it is another server or database');
  }

  private async checkStandby(writers: readonly WriterProgress[]): Promise<void> {
    // The main database is asked after the standby, so its answer is never the older one.
    const present: WriterProgress[] = await this.primary.query(this.progress());
    const known = new Map(present.map((writer) => [writer.id, writer]));
    for (const { id, started_at, sequence } of writers) {
      const writer = known.get(id);
      if (writer?.started_at.getTime() !== started_at.getTime() || Number(writer.sequence) < Number(sequence)) {
        throw foreign('it has samples that the main database lacks');
      }
    }
  }

  /**
   * Returns an SQL expression whose value is different for each server, each restart of a server, and each database and table on
   * it.
   */
  private placeOf(): string {
    return `concat_ws('/', extract(epoch FROM pg_postmaster_start_time()), current_database(), '${this.schema}.sample_batch'::regclass::oid)`;
  }

  private progress(): string {
    return `SELECT writer.id, writer.started_at, greatest(writer.folded_sequence, (
              SELECT max(batch.sequence) FROM ${this.schema}.sample_batch AS batch WHERE batch.writer_id = writer.id
            )) AS sequence
            FROM ${this.schema}.sample_writer AS writer`;
  }
}

function foreign(reason: string): ForeignHistoryError {
  return new ForeignHistoryError(
    `The database of the history (HISTORY_DATABASE_URL) is not a standby of the main database: ${reason}. It may be an old primary ` +
      'after a failover. Set it to a standby of the present primary, or remove the setting.',
    RETRY_AFTER_SECONDS,
  );
}
