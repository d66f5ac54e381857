import { Injectable, Logger } from '@nestjs/common';
import type { RefusalReason } from '../../catalog/refusal.js';
import type { RefusedItem } from '../../ingestion/ingest-result.js';

/** Minimum time between two log lines. Otherwise each app would cause a line for each post until the problem is fixed. */
const INTERVAL_MS = 60_000;

/**
 * Logs refused impact metrics for the operator, because no SDK reports them to its app. Only reasons and token ids are logged,
 * because names and labels come from clients and may contain personal data.
 */
@Injectable()
export class RefusalLog {
  private readonly logger = new Logger(RefusalLog.name);
  /** The counts since the last line, with at most one entry per token and reason. */
  private readonly counts = new Map<string, number>();
  private nextLineAt = -Infinity;

  note(tokenId: number, refused: readonly RefusedItem[]): void {
    for (const { refusal } of refused) this.count(tokenId, refusal.reason);
    if (this.counts.size === 0 || performance.now() < this.nextLineAt) return;
    const parts = [...this.counts].map(([what, count]) => `${count} × ${what}`);
    this.logger.warn(
      `Impact metrics were refused: ${parts.join(', ')}. Their SDKs got a success answer nevertheless, because they would ` +
        'otherwise stop sending. docs/push.md explains the reasons.',
    );
    this.counts.clear();
    this.nextLineAt = performance.now() + INTERVAL_MS;
  }

  private count(tokenId: number, reason: RefusalReason): void {
    const key = `${reason} of token ${tokenId}`;
    this.counts.set(key, (this.counts.get(key) ?? 0) + 1);
  }
}
