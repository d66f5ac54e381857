import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../custom-metrics.options.js';
import { ForwardingStatus } from '../forwarding-status.js';
import { ForwardingRepository } from './forwarding.repository.js';
import { type HeldState, LostLeaseError } from './lease.js';

/** The time after which another process takes over from one that has crashed. */
const LEASE_SECONDS = 15;

const RENEWAL_INTERVAL_MS = 4_000;

/**
 * Keeps the lease, which makes sure that only one process at a time forwards samples. The lease is a row with a time of expiry
 * instead of a session lock, which would not survive a pooler, and which a frozen process would keep.
 */
@Injectable()
export class LeaseKeeper {
  private readonly holder = randomUUID();
  private held: HeldState | undefined;
  /** The time at which the lease was last taken or extended, by `performance.now()`. */
  private takenAt = 0;

  constructor(
    private readonly repository: ForwardingRepository,
    private readonly status: ForwardingStatus,
    @Inject(CUSTOM_METRICS_OPTIONS) private readonly options: CustomMetricsOptions,
  ) {}

  /**
   * Takes the lease if no other process has it.
   *
   * @returns the state to continue with; undefined if another process forwards
   */
  async take(): Promise<HeldState | undefined> {
    const now = performance.now();
    // After work that succeeded, nothing is claimed. Every statement that changes something checks the lease again.
    if (this.held?.isStarted === true && now - this.takenAt < RENEWAL_INTERVAL_MS) {
      return { ...this.held, claimed: undefined };
    }
    if (this.held === undefined) {
      const state = await this.repository.findState();
      if (state !== undefined) this.status.note(state.lagSeconds, false);
      if (state?.isFree === false) return undefined;
    }
    const { lagSeconds } = this.status;
    this.held = await this.repository.takeLease(this.holder, LEASE_SECONDS, lagSeconds, this.options.forwarding);
    this.takenAt = now;
    if (this.held !== undefined) this.status.noteLeftOut(this.held.leftOutSamples);
    return this.held;
  }

  /**
   * Runs work under the lease, and extends the lease meanwhile.
   *
   * @param work gets a signal that is aborted when the lease is lost, or when the process stops
   */
  async hold<T>({ lease }: HeldState, stopping: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const lost = new AbortController();
    let isRenewing = false;
    const renewal = setInterval(() => {
      if (isRenewing) return;
      isRenewing = true;
      this.repository
        .renewLease(lease, LEASE_SECONDS, this.status.lagSeconds)
        // During an outage of Postgres no other process can take the lease, so the work continues.
        .catch((error: unknown) => {
          if (error instanceof LostLeaseError) lost.abort(error);
        })
        .finally(() => (isRenewing = false));
    }, RENEWAL_INTERVAL_MS);
    try {
      return await work(AbortSignal.any([stopping, lost.signal]));
    } finally {
      clearInterval(renewal);
    }
  }

  /** Gives the lease back. */
  async release(): Promise<void> {
    const { held } = this;
    this.held = undefined;
    if (held !== undefined) await this.repository.releaseLease(held.lease);
  }

  /** Forgets the lease after a failure, so that it is examined again. */
  forget(): void {
    this.held = undefined;
  }
}
