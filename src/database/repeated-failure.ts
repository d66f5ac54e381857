import type { Logger } from '@nestjs/common';
import { databaseMessageOf, isOutage } from './outage.js';

/** An outage is logged as a warning after this time. The store itself reports shorter outages of Postgres with a warning. */
const WARN_AFTER_SECONDS = 60;
/** A failure is logged as an error after this time, and then repeatedly, for operators who did not react to the warning. */
const ERROR_AFTER_SECONDS = 300;
const REPEAT_SECONDS = 240;

/** The state of failing background work. */
export interface FailingWork {
  readonly name: string;
  readonly reason: string;
  readonly seconds: number;
}

/** All work of this process that currently fails. */
const failing = new Set<RepeatedFailure>();

/** Returns the background work that has been failing for at least a minute, for `/health` and the metrics. */
export function failingWork(): FailingWork[] {
  return [...failing].map((each) => each.state).filter(({ seconds }) => seconds >= WARN_AFTER_SECONDS);
}

/**
 * Chooses the log level for failures of background work. A short outage hardly matters, because the work is soon retried, so it
 * is logged only at the level `debug`; any other error is immediately logged as a warning. A failure that lasts for a minute is
 * logged as a warning, and later as an error, until the work succeeds.
 */
export class RepeatedFailure {
  private since: number | undefined;
  private reason = '';
  private saidAt = -Infinity;

  /** @param now returns the time of a monotonic clock in milliseconds */
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
      // Errors that are not outages are reported nowhere else.
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

  /** Clears the record when the work succeeds or ends. */
  forget(): void {
    this.since = undefined;
    this.saidAt = -Infinity;
    failing.delete(this);
  }
}
