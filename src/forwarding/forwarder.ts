import { Injectable, Logger } from '@nestjs/common';
import { KnownDatabase } from '../database/known-database.js';
import { BackgroundLoop } from '../scheduling/background-loop.js';
import { BackgroundLoops, type StoppableWork } from '../scheduling/background-loops.js';
import { ForwardingMetrics } from './forwarding.metrics.js';
import { ForwardingStatus } from './forwarding-status.js';
import { AbandonedForwarding } from './position/abandoned-forwarding.js';
import { type HeldState, LostLeaseError } from './position/lease.js';
import { LeaseKeeper } from './position/lease-keeper.js';
import { StretchForwarding } from './stretch-forwarding.js';
import { RemoteTarget } from './target/remote-target.js';
import { TargetFailure } from './target/target-failure.js';

/** The pause between two polls for new samples. Longer pauses make larger requests, with fewer labels for each sample. */
const INTERVAL_MS = 1_000;

/** Forwards all samples to the target of remote write, in one process at a time. See docs/remote-write-out.md. */
@Injectable()
export class Forwarder implements StoppableWork {
  private readonly logger = new Logger(Forwarder.name);
  private readonly loop = new BackgroundLoop({
    name: 'forward samples',
    logger: this.logger,
    intervalMs: INTERVAL_MS,
    turn: (stopping) => this.takeTurn(stopping),
  });
  private term: number | undefined;
  private generation = 0;

  constructor(
    private readonly leases: LeaseKeeper,
    private readonly stretches: StretchForwarding,
    private readonly abandoned: AbandonedForwarding,
    private readonly target: RemoteTarget,
    private readonly failure: TargetFailure,
    private readonly status: ForwardingStatus,
    private readonly metrics: ForwardingMetrics,
    private readonly known: KnownDatabase,
    loops: BackgroundLoops,
  ) {
    loops.add(this);
  }

  start(): void {
    if (this.target.isThere) this.loop.start();
    else this.abandoned.start();
  }

  async stop(): Promise<void> {
    await Promise.all([this.loop.stop(), this.abandoned.stop()]);
    this.failure.forget();
    this.target.close();
    // Without this, another process would wait until the lease ends.
    await this.leases.release().catch(() => undefined);
  }

  /** @returns whether there are more samples to forward immediately */
  private async takeTurn(stopping: AbortSignal): Promise<boolean> {
    try {
      const held = await this.leases.take();
      this.metrics.setActive(held !== undefined);
      if (held === undefined) {
        this.failure.forget();
        this.term = undefined;
        return false;
      }
      this.noteTerm(held);
      return await this.leases.hold(held, stopping, (signal) => this.stretches.forwardNext(held, signal));
    } catch (error) {
      // The state in memory may be ahead of what is stored, so the next turn reads it again.
      this.term = undefined;
      this.leases.forget();
      if (stopping.aborted) return false;
      if (!(error instanceof LostLeaseError)) throw error;
      this.logger.log('Another process forwards samples now.');
      return false;
    }
  }

  private noteTerm({ lease }: HeldState): void {
    const { generation } = this.known;
    if (this.term === lease.term && this.generation === generation) return;
    this.stretches.forget();
    if (!this.status.isActive) this.logger.log('This process forwards samples by remote write.');
    this.term = lease.term;
    this.generation = generation;
  }
}
