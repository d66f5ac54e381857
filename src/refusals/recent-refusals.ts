import { Inject, Injectable, Logger } from '@nestjs/common';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../custom-metrics.options.js';
import { DatabaseClock } from '../database/database-clock.js';
import { hasCertainlyFailed, withDeadline } from '../database/outage.js';
import { BackgroundLoop } from '../scheduling/background-loop.js';
import { BackgroundLoops, type StoppableWork } from '../scheduling/background-loops.js';
import type { RefusalSummary, RefusedPart } from './refused-part.js';
import { RefusalsRepository } from './refusals.repository.js';
import { shownMessage, shownText } from './shown-text.js';

/** The pause between two writes. */
const INTERVAL_MS = 1_000;

/** Maximum number of summaries in memory. Each takes at most about 2 kB. */
const MAX_WAITING = 100;

/** Maximum number of refused items that are recorded for one batch. Usually all invalid items of a batch have the same fault. */
export const MAX_NOTED_ITEMS = 100;

/** Maximum time for a write. */
const WRITE_DEADLINE_MS = 5_000;

/**
 * Records the newest refusals for the operator. Requests do not wait for this: refusals are summarised in a bounded map in memory
 * and written by one statement at most once a second, and at the end of the process. While Postgres is unavailable, the newest
 * summaries stay in memory. A statement that may have been executed is not repeated, because it is better to lose a few refusals
 * than to count them twice.
 */
@Injectable()
export class RecentRefusals implements StoppableWork {
  private waiting = new Map<string, RefusalSummary>();
  private readonly maxKept: number;
  private readonly loop = new BackgroundLoop({
    name: 'write the newest refusals',
    logger: new Logger(RecentRefusals.name),
    intervalMs: INTERVAL_MS,
    turn: () => this.write(),
  });

  constructor(
    private readonly repository: RefusalsRepository,
    private readonly clock: DatabaseClock,
    @Inject(CUSTOM_METRICS_OPTIONS) { ingest }: CustomMetricsOptions,
    loops: BackgroundLoops,
  ) {
    this.maxKept = ingest.refusalsKept;
    loops.add(this);
  }

  /** Records the refused parts of one request. */
  note(parts: readonly RefusedPart[]): void {
    if (this.maxKept === 0) return;
    for (const part of parts.slice(0, MAX_NOTED_ITEMS)) this.add(part, this.clock.now());
  }

  start(): void {
    this.loop.start();
  }

  async stop(): Promise<void> {
    await this.loop.stop();
    // The refusals are only informative, so a failure at this point does not matter.
    await this.write().catch(() => undefined);
  }

  private add({ tokenId, reason, message, metric = '', value }: RefusedPart, now: number): void {
    const name = shownText(metric);
    const key = JSON.stringify([tokenId, reason, name]);
    const known = this.waiting.get(key);
    // The summary moves to the end, so that the oldest is dropped first.
    this.waiting.delete(key);
    this.waiting.set(key, {
      tokenId,
      reason,
      metric: name,
      message: shownMessage(message),
      value: value === undefined ? null : shownText(String(value)),
      firstAt: known?.firstAt ?? now,
      lastAt: now,
      count: (known?.count ?? 0) + 1,
    });
    if (this.waiting.size > MAX_WAITING) this.dropOldest(tokenId);
  }

  /** Drops the oldest summary of the given token if that token has more than half of all, and otherwise the oldest of all. */
  private dropOldest(tokenId: number | null): void {
    const own = [...this.waiting].filter(([, each]) => each.tokenId === tokenId);
    const [key] = own.length > MAX_WAITING / 2 ? own[0]! : this.waiting.entries().next().value!;
    this.waiting.delete(key);
  }

  private async write(): Promise<void> {
    const { waiting } = this;
    if (waiting.size === 0) return;
    this.waiting = new Map();
    const statement = this.repository.add([...waiting.values()]);
    // The statement may go on after the deadline, so only its own failure shows that the summaries are not stored.
    statement.catch((error: unknown) => {
      if (hasCertainlyFailed(error)) this.takeBack(waiting);
    });
    await withDeadline(statement, WRITE_DEADLINE_MS);
    await withDeadline(this.repository.trim(this.maxKept), WRITE_DEADLINE_MS);
  }

  /** Puts summaries back into memory after a failed write. If there are then too many in memory, the oldest are dropped. */
  private takeBack(unwritten: ReadonlyMap<string, RefusalSummary>): void {
    const newer = this.waiting;
    this.waiting = new Map(unwritten);
    for (const [key, summary] of newer) {
      const { firstAt, count } = this.waiting.get(key) ?? { firstAt: summary.firstAt, count: 0 };
      this.waiting.delete(key);
      this.waiting.set(key, { ...summary, firstAt, count: count + summary.count });
    }
    for (const key of this.waiting.keys()) {
      if (this.waiting.size <= MAX_WAITING) return;
      this.waiting.delete(key);
    }
  }
}
