import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { CatalogNews } from '../catalog/catalog-news.js';
import { databaseMessageOf, isOutage, withDeadline } from '../database/outage.js';
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
  private timer: NodeJS.Timeout | undefined;
  private beatAt = 0;
  /** When the last look that succeeded began. */
  private lookedAt = 0;
  private following: Promise<void> = Promise.resolve();
  private isStopped = false;

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
    this.schedule(FOLLOW_INTERVAL_MS);
  }

  async onApplicationShutdown(): Promise<void> {
    this.isStopped = true;
    clearTimeout(this.timer);
    await this.following;
  }

  private schedule(pauseMs: number): void {
    if (this.isStopped) return;
    this.timer = setTimeout(() => {
      this.following = this.look().then((isCut) => this.schedule(isCut ? 0 : FOLLOW_INTERVAL_MS));
    }, pauseMs).unref();
  }

  /** @returns whether there is more to read at once */
  private async look(): Promise<boolean> {
    const startedAt = Date.now();
    try {
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
    } catch (error) {
      // The store says loudly when Postgres is away; anything else nobody else would say.
      const message = `Other processes could not be followed: ${databaseMessageOf(error)}`;
      if (isOutage(error)) this.logger.debug(message);
      else this.logger.warn(message);
      return false;
    }
  }
}
