import { Injectable, Logger } from '@nestjs/common';
import { BackgroundLoop } from '../../scheduling/background-loop.js';
import { BackgroundLoops, type StoppableWork } from '../../scheduling/background-loops.js';
import { DatabaseClock } from '../../database/database-clock.js';
import { LogRepository } from '../log/log.repository.js';
import { SampleLog } from '../log/sample-log.js';

const HEARTBEAT_INTERVAL_MS = 60_000;

/**
 * The pause between two checks of whether a heartbeat is due. During an outage, each check tries to commit, so that the process
 * is ready soon after Postgres is available again.
 */
const POLL_INTERVAL_MS = 1_000;

/**
 * Tells other processes by a commit that this one is alive. The commit also shows whether Postgres accepts commits again, because
 * a standby or a server with a full disk answers queries but accepts no commits.
 *
 * The heartbeat runs separately from PeerLogFollower, so that a lock that blocks one of them does not stop the other.
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
    // A clock that was set forward makes every heartbeat look old, so each step of the clock requires a new heartbeat.
    const { steps } = this.clock;
    if (this.log.isAccepting && now - this.beatAt < HEARTBEAT_INTERVAL_MS && steps === this.beatSteps) return;
    await this.repository.keepAlive(this.log.writer);
    this.beatAt = now;
    this.beatSteps = steps;
    this.log.noteAnswer();
  }
}
