import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { CatalogNews } from '../catalog/catalog-news.js';
import { BackgroundLoop } from '../database/background-loop.js';
import { withDeadline } from '../database/outage.js';
import { LiveValues } from '../exposition/live-values.js';
import { LiveValuesLoader } from './live-values-loader.js';
import { LogApplier } from './log-applier.js';
import { LogRepository } from './log.repository.js';
import { SampleLog } from './sample-log.js';

/** What another process took is shown here after this time, and well within the second that is promised. */
const FOLLOW_INTERVAL_MS = 250;

const HEARTBEAT_INTERVAL_MS = 60_000;

/** Declarations are read again for so long: one that was committed late has an earlier time. */
const DECLARATION_OVERLAP_SECONDS = 10;

/** A series that was pushed so lately can't have been idle for days, whatever another process saw when it forgot it. */
const IN_USE_MS = 12 * 3600 * 1000;

/** A connection that has gone silent must not end the following. */
const LOOK_DEADLINE_MS = 10_000;

/** Keeps this process' live values equal to those of every other process on the database, by reading what they append. */
@Injectable()
export class ReplicaFollower implements OnApplicationShutdown {
  private readonly logger = new Logger(ReplicaFollower.name);
  private readonly loop = new BackgroundLoop({
    name: 'follow other processes',
    logger: this.logger,
    intervalMs: FOLLOW_INTERVAL_MS,
    turn: () => this.look(),
  });
  private beatAt = 0;
  /** When the last look that succeeded began. */
  private lookedAt = 0;

  constructor(
    private readonly repository: LogRepository,
    private readonly applier: LogApplier,
    private readonly loader: LiveValuesLoader,
    private readonly log: SampleLog,
    private readonly catalogNews: CatalogNews,
    private readonly liveValues: LiveValues,
  ) {}

  /** Follows from where the live values were loaded to. */
  start(): void {
    this.beatAt = Date.now();
    this.lookedAt = this.beatAt;
    this.loop.start();
  }

  onApplicationShutdown(): Promise<void> {
    return this.loop.stop();
  }

  /** @returns whether there is more to read at once */
  private async look(): Promise<boolean> {
    const startedAt = Date.now();
    const secondsSinceLook = (startedAt - this.lookedAt) / 1000;
    const isBeatDue = startedAt - this.beatAt >= HEARTBEAT_INTERVAL_MS;
    if (isBeatDue) await withDeadline(this.repository.keepAlive(this.log.writer), LOOK_DEADLINE_MS);
    if (isBeatDue) this.beatAt = startedAt;
    await withDeadline(
      this.catalogNews.look(
        secondsSinceLook + DECLARATION_OVERLAP_SECONDS,
        (series) => this.liveValues.pushedAtOf(series) > startedAt - IN_USE_MS,
      ),
      LOOK_DEADLINE_MS,
    );
    const { rows, isCut, isBehindFold } = await withDeadline(
      this.repository.findNews(this.log.writer, this.applier.applied, secondsSinceLook),
      LOOK_DEADLINE_MS,
    );
    if (isBehindFold) {
      this.logger.log('Rows of other processes were folded before they were seen here: reloading the live values.');
      await this.loader.reload();
    } else {
      await this.applier.apply(rows);
    }
    this.lookedAt = startedAt;
    this.log.noteAnswer();
    return isCut || isBehindFold;
  }
}
