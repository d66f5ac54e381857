import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { LogApplier } from './log-applier.js';
import { LogRepository } from './log.repository.js';
import { SampleLog } from './sample-log.js';

/** What another process took is shown here after this time, and well within the second that is promised. */
const FOLLOW_INTERVAL_MS = 250;

const HEARTBEAT_INTERVAL_MS = 60_000;

/** Keeps this process' live values equal to those of every other process on the database, by reading what they append. */
@Injectable()
export class ReplicaFollower implements OnApplicationShutdown {
  private readonly logger = new Logger(ReplicaFollower.name);
  private timer: NodeJS.Timeout | undefined;
  private beatAt = 0;
  private following: Promise<void> = Promise.resolve();
  private isStopped = false;

  constructor(
    private readonly repository: LogRepository,
    private readonly applier: LogApplier,
    private readonly log: SampleLog,
  ) {}

  /** Follows from where the live values were loaded to. */
  start(): void {
    this.beatAt = Date.now();
    this.schedule();
  }

  async onApplicationShutdown(): Promise<void> {
    this.isStopped = true;
    clearTimeout(this.timer);
    await this.following;
  }

  private schedule(): void {
    if (this.isStopped) return;
    this.timer = setTimeout(() => {
      this.following = this.follow().finally(() => this.schedule());
    }, FOLLOW_INTERVAL_MS).unref();
  }

  private async follow(): Promise<void> {
    try {
      await this.applier.apply(await this.repository.findNews(this.log.writer, this.applier.applied));
      if (Date.now() - this.beatAt < HEARTBEAT_INTERVAL_MS) return;
      await this.repository.keepAlive(this.log.writer);
      this.beatAt = Date.now();
    } catch (error) {
      // The store says loudly when Postgres is away; here it is enough to look again.
      this.logger.debug(`Other processes could not be followed: ${String(error)}`);
    }
  }
}
