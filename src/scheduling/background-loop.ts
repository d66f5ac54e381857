import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@nestjs/common';
import { RepeatedFailure } from '../database/repeated-failure.js';
import type { StoppableWork } from './background-loops.js';

/**
 * Maximum time that a shutdown waits for the current turn. Docker, for example, allows the whole shutdown ten seconds. A turn is
 * short unless Postgres does not answer.
 */
const STOP_WAIT_MS = 2_000;

/** Work that a loop repeats. */
export interface BackgroundWork {
  /** A name for the log: `Could not <name>, will try again`. */
  readonly name: string;
  readonly logger: Logger;
  /** The pause between the end of one turn and the start of the next. */
  readonly intervalMs: number;
  /** The delay before the first turn. The default is `intervalMs`. */
  readonly firstAfterMs?: number;
  /**
   * Runs one turn of the work. The turn ends early when the signal is aborted; the next one continues with the remaining work.
   *
   * @returns true if there is more to do immediately
   */
  turn(stopping: AbortSignal): Promise<boolean | void>;
}

/** Repeats its work until it is stopped. A turn that fails is tried again after the usual pause. */
export class BackgroundLoop implements StoppableWork {
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
   * Stops the loop. The promise resolves when the current turn has ended, or after a time limit, because the turn may wait on a
   * connection that has gone silent. Work that is not committed by then is repeated by another process.
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
      // The pause alone must not keep the process alive.
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
      // A shutdown closes the connections, so a failure is expected.
      if (!signal.aborted) this.failure.failed(error);
      return false;
    }
  }
}
