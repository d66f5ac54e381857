import { Injectable, Logger } from '@nestjs/common';
import { BackgroundLoop } from '../../scheduling/background-loop.js';
import { ForwardingRepository } from './forwarding.repository.js';

const INTERVAL_MS = 600_000;
const FIRST_AFTER_MS = 30_000;

/**
 * Deletes the position and the queue of a forwarding that was switched off. It runs in processes without a target, so that
 * samples are not kept forever. Nothing is deleted until no process has forwarded for the maximum age of the queue, because other
 * processes may only be restarting.
 */
@Injectable()
export class AbandonedForwarding {
  private readonly logger = new Logger(AbandonedForwarding.name);
  private readonly loop = new BackgroundLoop({
    name: 'delete the queue of a forwarding that was switched off',
    logger: this.logger,
    intervalMs: INTERVAL_MS,
    firstAfterMs: FIRST_AFTER_MS,
    turn: () => this.deleteAbandoned(),
  });

  constructor(private readonly repository: ForwardingRepository) {}

  start(): void {
    this.loop.start();
  }

  stop(): Promise<void> {
    return this.loop.stop();
  }

  private async deleteAbandoned(): Promise<void> {
    if (!(await this.repository.deleteAbandoned())) return;
    this.logger.warn(
      'No process has forwarded samples for REMOTE_WRITE_QUEUE_MAX_AGE, and REMOTE_WRITE_URL is not set here, so the samples that ' +
        'waited for the target were deleted. They are still stored.',
    );
  }
}
