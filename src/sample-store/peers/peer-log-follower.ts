import { Injectable, Logger } from '@nestjs/common';
import { CatalogChangeFeed } from '../../catalog/catalog-change-feed.js';
import { BackgroundLoop } from '../../scheduling/background-loop.js';
import { BackgroundLoops, type StoppableWork } from '../../scheduling/background-loops.js';
import { KnownDatabase } from '../../database/known-database.js';
import { withDeadline } from '../../database/outage.js';
import { LiveValues } from '../../live-values/live-values.js';
import { LiveValuesLoader } from '../reading/live-values-loader.js';
import { LogApplier } from '../reading/log-applier.js';
import { type LogChanges, LogRepository, type NewsPage } from '../log/log.repository.js';
import { PeerLag } from './peer-lag.js';
import { SampleLog } from '../log/sample-log.js';

/** What another process took is shown here after this time, and well within the second that is promised. */
const FOLLOW_INTERVAL_MS = 250;

/** Declarations are read again for so long: one that was committed late has an earlier time. */
const DECLARATION_OVERLAP_SECONDS = 10;

/** A series that was pushed so lately can't have been idle for days, whatever another process saw when it forgot it. */
const IN_USE_MS = 12 * 3600 * 1000;

/**
 * What one look brings of each writer at most, in rows and in bytes as they are stored. The process holds them in memory several
 * times over, and Postgres has to read them within the time that a statement may take.
 */
const FULL_PAGE: NewsPage = { rows: 500, bytes: 2_000_000 };

/** A connection that has gone silent must not end the following. */
const POLL_DEADLINE_MS = 10_000;

/** Keeps this process' live values equal to those of every other process on the database, by reading what they append. */
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
  /** When the last look that succeeded began. */
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
    loops: BackgroundLoops,
  ) {
    loops.add(this);
  }

  /** Follows from where the live values were loaded to. */
  start(): void {
    this.polledAt = performance.now();
    this.lag.noteCaughtUp(this.polledAt);
    this.loop.start();
  }

  stop(): Promise<void> {
    return this.loop.stop();
  }

  /** @returns whether there is more to read at once */
  private async poll(): Promise<boolean> {
    const startedAt = performance.now();
    this.sayIfLagging();
    const secondsSincePoll = (startedAt - this.polledAt) / 1000;
    await withDeadline(
      this.changeFeed.poll(
        secondsSincePoll + DECLARATION_OVERLAP_SECONDS,
        (series) => this.liveValues.pushedAtOf(series) > Date.now() - IN_USE_MS,
      ),
      POLL_DEADLINE_MS,
    );
    const { generation } = this.known;
    const { rows, isCut, isBehindCompaction } = await this.findChanges(secondsSincePoll);
    this.known.assertStill(generation);
    if (isBehindCompaction) {
      this.logger.log('Rows of other processes were compacted before they were seen here: reloading the live values.');
      await this.loader.reload();
    } else {
      await this.applier.apply(rows);
    }
    this.polledAt = startedAt;
    const hasMore = isCut || isBehindCompaction;
    if (!hasMore) this.lag.noteCaughtUp(startedAt);
    return hasMore;
  }

  /** A page that was too large to be read in time is asked for in smaller parts, down to one row of each writer. */
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
        `What other processes have taken was last read ${Math.round(this.lag.seconds)} s ago: /metrics is not up to date, and ` +
          'this process is not ready, until it has caught up.',
      );
    } else this.logger.log('What other processes have taken is shown again.');
  }
}
