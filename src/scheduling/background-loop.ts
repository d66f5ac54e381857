import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@nestjs/common';
import { RepeatedFailure } from '../database/repeated-failure.js';

/** A turn is short, unless Postgres does not answer; a stop has ten seconds for everything. */
const STOP_WAIT_MS = 2_000;

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
  private readonly failure: RepeatedFailure;
  private running: Promise<void> = Promise.resolve();

  constructor(private readonly work: BackgroundWork) {
    this.failure = new RepeatedFailure(work.name, work.logger);
  }

  start(): void {
    this.running = this.run();
  }

  /**
   * Ends once the turn under way has ended, or when that takes long: its statement may be on a connection that has gone silent.
   * What it has not committed is found by the next process.
   */
  async stop(): Promise<void> {
    this.stopping.abort();
    const waited = new AbortController();
    const limit = sleep(STOP_WAIT_MS, undefined, { signal: waited.signal, ref: false }).catch(() => undefined);
    await Promise.race([this.running, limit]);
    waited.abort();
    this.failure.forget();
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
      const hasMore = (await this.work.turn(signal)) === true;
      this.failure.succeeded();
      return hasMore;
    } catch (error) {
      // A stop gives up the connections.
      if (!signal.aborted) this.failure.failed(error);
      return false;
    }
  }
}
