import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@nestjs/common';
import { databaseMessageOf, isOutage } from './outage.js';

/** What a loop does, and how often. */
export interface BackgroundWork {
  /** What it does, for the log: `Could not <name>, will try again`. */
  readonly name: string;
  readonly logger: Logger;
  /** Between the end of one turn and the next. */
  readonly intervalMs: number;
  /** Before the first turn; `intervalMs` if it is left out. */
  readonly firstAfterMs?: number;
  /**
   * One turn of the work. It ends early when the signal does; what it leaves is found by the next turn.
   *
   * @returns true if there is more to do at once
   */
  turn(stopping: AbortSignal): Promise<boolean | void>;
}

/** Does its work again and again until it is stopped. A turn that fails is tried again after the usual pause. */
export class BackgroundLoop {
  private readonly stopping = new AbortController();
  private running: Promise<void> = Promise.resolve();

  constructor(private readonly work: BackgroundWork) {}

  start(): void {
    this.running = this.run();
  }

  /** Ends once the turn under way has ended. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    const { intervalMs, firstAfterMs = intervalMs } = this.work;
    const { signal } = this.stopping;
    for (let pauseMs = firstAfterMs; !signal.aborted;) {
      // Not a reason for the process to live.
      await sleep(pauseMs, undefined, { signal, ref: false }).catch(() => undefined);
      if (signal.aborted) return;
      pauseMs = (await this.tryTurn(signal)) ? 0 : intervalMs;
    }
  }

  private async tryTurn(signal: AbortSignal): Promise<boolean> {
    try {
      return (await this.work.turn(signal)) === true;
    } catch (error) {
      const { name, logger } = this.work;
      const message = `Could not ${name}, will try again: ${databaseMessageOf(error)}`;
      // The store says loudly when Postgres is away; anything else nobody else would say.
      if (isOutage(error)) logger.debug(message);
      else logger.warn(message);
      return false;
    }
  }
}
