import type { Logger } from '@nestjs/common';
import { databaseMessageOf, isOutage } from './outage.js';

/** An outage that is shorter than this is the store's to report, which says loudly when Postgres is away. */
const WARN_AFTER_SECONDS = 60;
/** Whoever did not act on the warning is told louder, and again from time to time. */
const ERROR_AFTER_SECONDS = 300;
const REPEAT_SECONDS = 240;

/** Background work that has failed for a while. */
export interface FailingWork {
  readonly name: string;
  readonly reason: string;
  readonly seconds: number;
}

/** All work of this process that fails now. */
const failing = new Set<RepeatedFailure>();

/** Background work that has failed for longer than a minute, for `/health` and the metrics. */
export function failingWork(): FailingWork[] {
  return [...failing].map((each) => each.state).filter(({ seconds }) => seconds >= WARN_AFTER_SECONDS);
}

/**
 * Decides how loudly a failure of some background work is logged. A single one is tried again soon and hardly matters; one that
 * goes on for a minute is a warning, and later an error, until the work succeeds.
 */
export class RepeatedFailure {
  private since: number | undefined;
  private reason = '';
  private saidAt = -Infinity;

  /** @param now in milliseconds, of a clock that nobody sets */
  constructor(
    private readonly name: string,
    private readonly logger: Pick<Logger, 'debug' | 'log' | 'warn' | 'error'>,
    private readonly now: () => number = () => performance.now(),
  ) {}

  get state(): FailingWork {
    const seconds = this.since === undefined ? 0 : (this.now() - this.since) / 1000;
    return { name: this.name, reason: this.reason, seconds };
  }

  failed(error: unknown): void {
    const now = this.now();
    this.since ??= now;
    this.reason = databaseMessageOf(error);
    failing.add(this);
    const { seconds } = this.state;
    const message = `Could not ${this.name}, will try again: ${this.reason}`;
    if (seconds < WARN_AFTER_SECONDS) {
      // Anything but an outage nobody else would report.
      if (isOutage(error)) this.logger.debug(message);
      else this.logger.warn(message);
      return;
    }
    if (now - this.saidAt < REPEAT_SECONDS * 1000) return;
    this.saidAt = now;
    const text = `Could not ${this.name} for ${Math.round(seconds)} s, will try again: ${this.reason}`;
    if (seconds >= ERROR_AFTER_SECONDS) this.logger.error(text);
    else this.logger.warn(text);
  }

  succeeded(): void {
    if (this.since === undefined) return;
    const { seconds } = this.state;
    if (this.saidAt > -Infinity) this.logger.log(`Could ${this.name} again, after ${Math.round(seconds)} s.`);
    this.forget();
  }

  /** Ends the record, because the work has ended. */
  forget(): void {
    this.since = undefined;
    this.saidAt = -Infinity;
    failing.delete(this);
  }
}
