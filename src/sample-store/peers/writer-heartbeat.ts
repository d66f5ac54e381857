import { Injectable, Logger } from '@nestjs/common';
import { BackgroundLoop } from '../../scheduling/background-loop.js';
import { BackgroundLoops, type StoppableWork } from '../../scheduling/background-loops.js';
import { DatabaseClock } from '../../database/database-clock.js';
import { LogRepository } from '../log/log.repository.js';
import { SampleLog } from '../log/sample-log.js';

const HEARTBEAT_INTERVAL_MS = 60_000;

/** After an outage this process is ready again as soon as Postgres takes a commit. */
const POLL_INTERVAL_MS = 1_000;

/**
 * Tells other processes that this one is alive, by a commit. That is also how this process finds out that Postgres takes commits
 * again: one that only answers, such as a standby or a server with a full disk, does not.
 *
 * It is apart from the following of other processes, because each may have to wait for somebody who is in the way of only one.
 */
@Injectable()
export class WriterHeartbeat implements StoppableWork {
  private readonly loop = new BackgroundLoop({
    name: 'renew the heartbeat of this process',
    logger: new Logger(WriterHeartbeat.name),
    intervalMs: POLL_INTERVAL_MS,
    turn: () => this.poll(),
  });
  private beatAt = 0;
  private beatSteps = 0;

  constructor(
    private readonly repository: LogRepository,
    private readonly log: SampleLog,
    private readonly clock: DatabaseClock,
    loops: BackgroundLoops,
  ) {
    loops.add(this);
  }

  start(): void {
    this.beatAt = performance.now();
    this.loop.start();
  }

  stop(): Promise<void> {
    return this.loop.stop();
  }

  private async poll(): Promise<void> {
    const now = performance.now();
    // A clock that was set ahead makes every heartbeat look old.
    const { steps } = this.clock;
    if (this.log.isAccepting && now - this.beatAt < HEARTBEAT_INTERVAL_MS && steps === this.beatSteps) return;
    await this.repository.keepAlive(this.log.writer);
    this.beatAt = now;
    this.beatSteps = steps;
    this.log.noteAnswer();
  }
}
