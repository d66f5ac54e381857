import { Injectable, Logger } from '@nestjs/common';
import { hasCertainlyFailed, withDeadline } from '../../database/outage.js';
import { BackgroundLoop } from '../../scheduling/background-loop.js';
import { BackgroundLoops, type StoppableWork } from '../../scheduling/background-loops.js';
import type { SampleCounts } from './sample-counts.js';
import { TokenUsageRepository } from './token-usage.repository.js';

/** The pause between two writes. If a process is killed, the counts since the last write are lost. */
const INTERVAL_MS = 10_000;

/** Maximum time for a write. It is short, because the other work of a shutdown needs time too. */
const WRITE_DEADLINE_MS = 2_000;

/**
 * Counts the samples of each token. A push only changes a count in memory. Every ten seconds, one statement adds the counts of
 * this process to the stored ones.
 */
@Injectable()
export class TokenUsage implements StoppableWork {
  private counts = new Map<number, SampleCounts>();
  private readonly loop = new BackgroundLoop({
    name: 'write the numbers of samples of each token',
    logger: new Logger(TokenUsage.name),
    intervalMs: INTERVAL_MS,
    turn: () => this.write(),
  });

  constructor(
    private readonly repository: TokenUsageRepository,
    loops: BackgroundLoops,
  ) {
    loops.add(this);
  }

  /** @param tokenId the token, or null for samples of the app itself, which belong to no token */
  count(tokenId: number | null, { accepted = 0, refused = 0 }: Partial<SampleCounts>): void {
    if (tokenId === null || accepted + refused === 0) return;
    const known = this.counts.get(tokenId);
    this.counts.set(tokenId, {
      accepted: (known?.accepted ?? 0) + accepted,
      refused: (known?.refused ?? 0) + refused,
    });
  }

  /**
   * Adds the counts of this process to the stored ones. If that fails, they are kept for the next write, unless the statement may
   * have been executed, because it is better to lose a few counts than to add them twice.
   */
  async write(): Promise<void> {
    const { counts } = this;
    if (counts.size === 0) return;
    this.counts = new Map();
    const statement = this.repository.add(counts);
    // The statement may go on after the deadline, so only its own failure shows that the counts are not stored.
    statement.catch((error: unknown) => {
      if (!hasCertainlyFailed(error)) return;
      for (const [tokenId, each] of counts) this.count(tokenId, each);
    });
    await withDeadline(statement, WRITE_DEADLINE_MS);
  }

  start(): void {
    this.loop.start();
  }

  async stop(): Promise<void> {
    await this.loop.stop();
    // The counts are only informative, so a failure at this point does not matter.
    await this.write().catch(() => undefined);
  }
}
