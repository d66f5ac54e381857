import { Injectable } from '@nestjs/common';
import { KnownDatabase } from '../database/known-database.js';
import { Catalog } from './catalog.js';
import { CatalogRepository, type MetricUpdate } from './catalog.repository.js';
import { Turns } from '../scheduling/turns.js';
import { RemovalRepository } from './removal/removal.repository.js';
import type { Series } from './series/series.js';

/**
 * After a metric has changed, every poll within this time reads its removed series. Reading them once is not enough: a query that
 * was running at that moment may add a removed series again, and no later change would remove it.
 */
const REMOVALS_ASKED_FOR_MS = 2_000;

/** A change that has been read by a poll. */
interface SeenUpdate {
  readonly updatedAt: number;
  /** The time of the poll, by `performance.now()`. */
  readonly seenAt: number;
}

/** Reads which metrics and series other processes have created, declared, renamed or removed. */
@Injectable()
export class CatalogChangeFeed {
  private seen = new Map<number, SeenUpdate>();
  private isFirstPoll = true;

  constructor(
    private readonly catalog: Catalog,
    private readonly repository: CatalogRepository,
    private readonly removals: RemovalRepository,
    private readonly known: KnownDatabase,
  ) {}

  /**
   * Reads the changes of the last `seconds` seconds.
   *
   * @param isInUse returns whether a series was pushed recently, as far as this process knows. If another process has just
   * forgotten such a series, it is restored instead of being dropped together with its sample.
   */
  async poll(seconds: number, isInUse: (series: Series) => boolean): Promise<void> {
    // Reading a very large catalog takes a long time, so the first poll covers the time since that read began.
    const since = this.isFirstPoll ? Math.max(seconds, this.catalog.secondsSinceLoad + seconds) : seconds;
    const { generation } = this.known;
    const updates = await this.repository.findMetricUpdates(since);
    this.known.assertStill(generation);
    const updated = updates.filter(({ id, updatedAt }) => this.seen.get(id)?.updatedAt !== updatedAt);
    await this.catalog.drop({ metricIds: updates.filter(({ isDeleted }) => isDeleted).map(({ id }) => id) });
    const living = updated.filter(({ isDeleted }) => !isDeleted).map(({ id }) => id);
    for await (const page of this.repository.findMetricsByIds(living)) {
      this.known.assertStill(generation);
      await this.catalog.learn(page);
    }
    await this.learnRemovals(this.changedLately(updates), isInUse);
    this.isFirstPoll = false;
  }

  private changedLately(updates: readonly MetricUpdate[]): number[] {
    const now = performance.now();
    const seen = new Map<number, SeenUpdate>();
    for (const { id, updatedAt, isDeleted } of updates) {
      if (isDeleted) continue;
      const before = this.seen.get(id);
      seen.set(id, before?.updatedAt === updatedAt ? before : { updatedAt, seenAt: now });
    }
    this.seen = seen;
    return [...seen].filter(([, { seenAt }]) => now - seenAt < REMOVALS_ASKED_FOR_MS).map(([id]) => id);
  }

  private async learnRemovals(metricIds: readonly number[], isInUse: (series: Series) => boolean): Promise<void> {
    if (metricIds.length === 0) return;
    const { generation } = this.known;
    const removed = await this.removals.findRemovedSeries(metricIds);
    const known: { readonly series: Series; readonly isDeleted: boolean }[] = [];
    const turns = new Turns();
    this.known.assertStill(generation);
    for (const { id, isDeleted } of removed) {
      const series = this.catalog.findSeriesById(id);
      if (series !== undefined) known.push({ series, isDeleted });
      if (!turns.isUp) continue;
      await turns.give();
      this.known.assertStill(generation);
    }
    const gone: number[] = [];
    const revived: number[] = [];
    // No other work may run between this and the removal, because it could push such a series.
    for (const { series, isDeleted } of known) (isDeleted || !isInUse(series) ? gone : revived).push(series.id);
    await this.catalog.drop({ seriesIds: gone });
    if (revived.length > 0) await this.repository.reviveSeries(revived);
  }
}
