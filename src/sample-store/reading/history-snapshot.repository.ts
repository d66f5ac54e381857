import { Inject, Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { CountedSeries } from '../../catalog/series/known-extents.js';
import { requestWaitOf } from '../../database/connections/bounded-data-source.js';
import { surviveConnectionErrors } from '../../database/connections/connection-pool.js';
import { CUSTOM_METRICS_DATA_SOURCE, CUSTOM_METRICS_HISTORY_DATA_SOURCE } from '../../database/data-source.token.js';
import { KnownDatabase, UNKNOWN_DATABASE } from '../../database/known-database.js';
import {
  databaseMessageOf,
  errorCodeOf,
  isNotSupported,
  isOutage,
  otherServerOf,
  withDeadline,
} from '../../database/outage.js';
import { DatabaseSchema } from '../../database/schema/database-schema.js';
import { statementTimeout, StoreWait, timeLeft } from '../../database/store-wait.js';
import { ForeignHistoryError, HistoryPlaceRepository } from './history-place.repository.js';
import { FetchedRanges } from './at-once/fetched-ranges.js';
import { type FetchedRange, ReadAtOnceRepository } from './at-once/read-at-once.repository.js';
import { type StoreSnapshot, StoreSnapshotRepository } from './store-snapshot.repository.js';

/** A statement that is refused because merged blocks are distributed will hardly be accepted soon. */
const REFUSED_PAUSE_MS = 60_000;

/**
 * Opens the snapshots that history queries read, on a DataSource that may be that of a replica. Live values and the polling of
 * other processes use the primary, because a replica may lag.
 *
 * A DataSource that was not initialized is connected at its first use, and again after each failure, so that the process can
 * start without the replica, and only history depends on it. Once connected, its pool replaces lost connections by itself.
 */
@Injectable()
export class HistorySnapshots implements OnModuleInit {
  private readonly logger = new Logger(HistorySnapshots.name);
  private readonly store: StoreSnapshotRepository;
  private readonly atOnce: ReadAtOnceRepository;
  private connecting: Promise<void> | undefined;
  private isAway = false;
  private readonly isPrimary: boolean;
  /** How many milliseconds a request may wait for Postgres; undefined if the DataSource has no limit. */
  private readonly waitMs: number | undefined;
  /** When the statement of {@link readAtOnce} is tried again after the database has refused it. */
  private readAtOnceAgainAt = -Infinity;

  constructor(
    @Inject(CUSTOM_METRICS_HISTORY_DATA_SOURCE) private readonly dataSource: DataSource,
    @Inject(CUSTOM_METRICS_DATA_SOURCE) primary: DataSource,
    private readonly known: KnownDatabase,
    private readonly places: HistoryPlaceRepository,
    schema: DatabaseSchema,
  ) {
    this.isPrimary = dataSource === primary;
    this.waitMs = requestWaitOf(dataSource);
    const expected = this.isPrimary ? known : new KnownDatabase(schema);
    this.store = new StoreSnapshotRepository(dataSource, expected, schema);
    this.atOnce = new ReadAtOnceRepository(dataSource, known, schema);
  }

  /** Handles connection errors of a host's own DataSource, which is already connected. */
  onModuleInit(): void {
    surviveConnectionErrors(this.dataSource);
  }

  /**
   * Runs a task that reads one consistent view. The view ends when the task ends or fails.
   *
   * @param waitedMs how long the request has waited for Postgres before
   */
  async withSnapshot<T>(task: (snapshot: StoreSnapshot) => Promise<T>, waitedMs = 0): Promise<T> {
    try {
      const wait = new StoreWait(waitedMs);
      await this.inTime(this.connect(), wait);
      const result = await this.read(task, wait);
      this.noteState(false);
      return result;
    } catch (error) {
      // If one of several servers is away, other queries succeed, and each would change the state again.
      const isWholeOutage = isOutage(error) && otherServerOf(error) === undefined;
      if (isWholeOutage || error instanceof ForeignHistoryError) this.noteState(true, databaseMessageOf(error));
      throw error;
    }
  }

  /**
   * Reads some ranges of few series with one statement.
   *
   * @param counted the metrics whose extents are read as well
   * @param hasOlder whether the last samples before the ranges are read as well
   * @returns undefined if they have to be read in a snapshot
   */
  async readAtOnce(
    ranges: readonly FetchedRange[],
    counted: readonly CountedSeries[],
    hasOlder: boolean,
  ): Promise<FetchedRanges | undefined> {
    // A replica has to be checked in the same view, and may lack the function.
    if (!this.isPrimary || this.isAway || !this.dataSource.isInitialized) return undefined;
    if (performance.now() < this.readAtOnceAgainAt) return undefined;
    try {
      const reading = this.atOnce.read(ranges, counted, hasOlder);
      const rows = await (this.waitMs === undefined ? reading : withDeadline(reading, statementTimeout(this.waitMs)));
      return (
        rows && new FetchedRanges(rows, hasOlder, (wanted) => this.inTime(this.atOnce.bytes(wanted), new StoreWait()))
      );
    } catch (error) {
      // The caller then uses a snapshot, which waits for the database or examines it, and reports what is wrong. It may also take
      // longer if Postgres is slow and nothing is locked.
      if (isOutage(error)) return undefined;
      if (!isNotSupported(error)) throw error;
      this.readAtOnceAgainAt = performance.now() + REFUSED_PAUSE_MS;
      return undefined;
    }
  }

  /**
   * Runs the task, and runs it again if the database is unknown, because Postgres may merely have been restarted since the last
   * query.
   */
  private async read<T>(task: (snapshot: StoreSnapshot) => Promise<T>, wait: StoreWait): Promise<T> {
    const waitedMs = () => performance.now() - wait.startedAt;
    if (!this.isPrimary) {
      return this.store.withSnapshot(async (snapshot) => {
        await this.places.check(snapshot);
        return task(snapshot);
      }, waitedMs());
    }
    try {
      return await this.store.withSnapshot(task, waitedMs());
    } catch (error) {
      if (errorCodeOf(error) !== UNKNOWN_DATABASE) throw error;
      await this.inTime(this.known.examine(), wait);
      return await this.store.withSnapshot(task, waitedMs());
    }
  }

  /** Stops waiting for a step when the request has waited long enough. */
  private inTime<T>(step: Promise<T>, wait: StoreWait): Promise<T> {
    return this.waitMs === undefined ? step : withDeadline(step, timeLeft(this.waitMs, wait));
  }

  private async connect(): Promise<void> {
    // TypeORM reports "initialized" before the DataSource is ready, so while one query connects, all others wait.
    if (this.connecting === undefined && this.dataSource.isInitialized) return;
    this.connecting ??= this.dataSource
      .initialize()
      .then(() => surviveConnectionErrors(this.dataSource))
      .finally(() => (this.connecting = undefined));
    await this.connecting;
  }

  /** Logs a change of the state once, not for every query. */
  private noteState(isAway: boolean, reason = ''): void {
    if (isAway === this.isAway) return;
    this.isAway = isAway;
    if (isAway) this.logger.warn(`History can't be read, and queries are answered 503: ${reason}`);
    else this.logger.log('History can be read again.');
  }
}
