import { Injectable, Logger } from '@nestjs/common';
import { CatalogChangeFeed } from '../../catalog/catalog-change-feed.js';
import { BackgroundLoop } from '../../scheduling/background-loop.js';
import { BackgroundLoops, type StoppableWork } from '../../scheduling/background-loops.js';
import { DatabaseClock } from '../../database/database-clock.js';
import { KnownDatabase } from '../../database/known-database.js';
import { withDeadline } from '../../database/outage.js';
import { LiveValues } from '../../live-values/live-values.js';
import { LiveValuesLoader } from '../reading/live/live-values-loader.js';
import { LogApplier } from '../reading/live/log-applier.js';
import { type LogChanges, LogRepository, type PollLimit } from '../log/log.repository.js';
import { PeerLag } from './peer-lag.js';
import { SampleLog } from '../log/sample-log.js';

/**
 * The pause between two polls for rows of other processes. It is short enough that their samples are shown well within the
 * promised second.
 */
const FOLLOW_INTERVAL_MS = 250;

/**
 * Declarations from this many seconds before the last poll are read again, because a declaration that is committed late has an
 * earlier time.
 */
const DECLARATION_OVERLAP_SECONDS = 10;

/**
 * A series that was pushed within this time is in use. It is kept in this process, even if another process has forgotten it as
 * idle.
 */
const IN_USE_MS = 12 * 3600 * 1000;

/**
 * The limit of one poll for each writer, in rows and in stored bytes. The process holds several copies of the rows in memory, and
 * Postgres has to read them within the statement timeout.
 */
const FULL_PAGE: PollLimit = { rows: 500, bytes: 2_000_000 };

/** Maximum time for each read of a poll, so that a connection that hangs does not stop the polling. */
const POLL_DEADLINE_MS = 10_000;

/**
 * Keeps the live values of this process equal to those of all other processes, by reading the rows that they append to the log.
 */
@Injectable()
export class PeerLogFollower implements StoppableWork {
  private readonly logger = new Logger(PeerLogFollower.name);
  private readonly loop = new BackgroundLoop({
    name: 'follow other processes',
    logger: this.logger,
    intervalMs: FOLLOW_INTERVAL_MS,
    turn: () => this.poll(),
  });
  private isLagging = false;
  private page = FULL_PAGE;
  /** The start of the last poll that succeeded, by `performance.now()`. */
  private polledAt = 0;

  constructor(
    private readonly repository: LogRepository,
    private readonly applier: LogApplier,
    private readonly loader: LiveValuesLoader,
    private readonly log: SampleLog,
    private readonly changeFeed: CatalogChangeFeed,
    private readonly liveValues: LiveValues,
    private readonly lag: PeerLag,
    private readonly known: KnownDatabase,
    private readonly clock: DatabaseClock,
    loops: BackgroundLoops,
  ) {
    loops.add(this);
  }

  /** Starts to follow the other processes, beginning after the rows that the live values already contain. */
  start(): void {
    this.polledAt = performance.now();
    this.lag.noteCaughtUp(this.polledAt);
    this.loop.start();
  }

  stop(): Promise<void> {
    return this.loop.stop();
  }

  /** @returns whether there is more to read immediately */
  private async poll(): Promise<boolean> {
    const startedAt = performance.now();
    this.sayIfLagging();
    const secondsSincePoll = (startedAt - this.polledAt) / 1000;
    await withDeadline(
      this.changeFeed.poll(
        secondsSincePoll + DECLARATION_OVERLAP_SECONDS,
        (series) => this.liveValues.pushedAtOf(series) > this.clock.now() - IN_USE_MS,
      ),
      POLL_DEADLINE_MS,
    );
    const { generation } = this.known;
    const { rows, isCut, isBehindCompaction, newestCorrection } = await this.findChanges(secondsSincePoll);
    this.known.assertStill(generation);
    const isCorrected = newestCorrection > this.applier.correction;
    if (isCorrected) {
      this.logger.log('Stored samples were deleted by a correction: reloading the live values.');
      await this.loader.reload();
    } else if (isBehindCompaction) {
      this.logger.log('Rows of other processes were compacted before they were seen here: reloading the live values.');
      await this.loader.reload();
    } else {
      await this.applier.apply(rows);
    }
    this.polledAt = startedAt;
    const hasMore = isCut || isBehindCompaction || isCorrected;
    if (!hasMore) this.lag.noteCaughtUp(startedAt);
    return hasMore;
  }

  /**
   * Reads the next page of changes. After a failure the page shrinks, down to one row of each writer, because it may be too
   * large.
   */
  private async findChanges(secondsSincePoll: number): Promise<LogChanges> {
    const { page } = this;
    try {
      const changes = await withDeadline(
        this.repository.findChanges(this.log.writer, this.applier.applied, secondsSincePoll, page),
        POLL_DEADLINE_MS,
      );
      this.page = { rows: Math.min(page.rows * 2, FULL_PAGE.rows), bytes: Math.min(page.bytes * 2, FULL_PAGE.bytes) };
      return changes;
    } catch (error) {
      this.page = { rows: Math.ceil(page.rows / 4), bytes: Math.ceil(page.bytes / 4) };
      throw error;
    }
  }

  private sayIfLagging(): void {
    if (this.lag.isTooLong === this.isLagging) return;
    this.isLagging = this.lag.isTooLong;
    if (this.isLagging) {
      this.logger.warn(
        `The samples of other processes were last read ${Math.round(this.lag.seconds)} s ago: until this process has caught up, ` +
          'its /metrics is out of date and it is not ready.',
      );
    } else this.logger.log('The samples of other processes are up to date again.');
  }
}
