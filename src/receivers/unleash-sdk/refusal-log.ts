import { Injectable, Logger } from '@nestjs/common';
import type { RefusalReason } from '../../catalog/refusal.js';
import type { RefusedItem } from '../../ingestion/ingest-result.js';

/** A line for each post would be one for each app and interval, for as long as nobody mends the app. */
const INTERVAL_MS = 60_000;

/**
 * Tells the operator what was not taken, because no SDK tells its app. Reasons and tokens only: names and labels are the
 * senders', and may hold what a log must not.
 */
@Injectable()
export class RefusalLog {
  private readonly logger = new Logger(RefusalLog.name);
  /** What was refused since the last line: as many entries as there are tokens and reasons. */
  private readonly counts = new Map<string, number>();
  private nextLineAt = -Infinity;

  note(tokenId: number, refused: readonly RefusedItem[]): void {
    for (const { refusal } of refused) this.count(tokenId, refusal.reason);
    if (this.counts.size === 0 || performance.now() < this.nextLineAt) return;
    const parts = [...this.counts].map(([what, count]) => `${count} × ${what}`);
    this.logger.warn(
      `Impact metrics that were not taken: ${parts.join(', ')}. Their SDKs were answered as if they were, or they would stop ` +
        'sending. docs/push.md explains the reasons.',
    );
    this.counts.clear();
    this.nextLineAt = performance.now() + INTERVAL_MS;
  }

  private count(tokenId: number, reason: RefusalReason): void {
    const key = `${reason} of token ${tokenId}`;
    this.counts.set(key, (this.counts.get(key) ?? 0) + 1);
  }
}
