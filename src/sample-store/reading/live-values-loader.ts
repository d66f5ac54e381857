import { Injectable } from '@nestjs/common';
import { Catalog } from '../../catalog/catalog.js';
import { withDeadline } from '../../database/outage.js';
import type { LiveValues } from '../../live-values/live-values.js';
import { type AppliedSequences, LogApplier } from './log-applier.js';
import type { SeriesTotalsRow } from './series-totals-page.js';
import { type StoreSnapshot, StoreSnapshotRepository } from './store-snapshot.repository.js';

/** What is committed during a reload is kept in memory, so one whose connection has gone silent must end. */
const RELOAD_DEADLINE_MS = 300_000;

/** Rebuilds the live values from what is stored: the totals that the compaction left, and on top the rows still in the log. */
@Injectable()
export class LiveValuesLoader {
  private reloading: Promise<void> = Promise.resolve();

  constructor(
    private readonly store: StoreSnapshotRepository,
    private readonly catalog: Catalog,
    private readonly applier: LogApplier,
  ) {}

  /**
   * Loads everything again, when rows have left the log that were not seen before. One load at a time; who asks while one
   * is under way gets another one, which sees all that was committed before the question.
   */
  reload(): Promise<void> {
    const next = this.reloading
      .catch(() => undefined)
      .then(() => this.applier.reload((fresh) => withDeadline(this.load(fresh), RELOAD_DEADLINE_MS)));
    this.reloading = next;
    return next;
  }

  /**
   * Fills empty live values from one snapshot.
   *
   * @param catalog of the same database
   * @returns how far each writer was read
   */
  async restoreInto(fresh: LiveValues, snapshot: StoreSnapshot, catalog: Catalog): Promise<AppliedSequences> {
    const applied = await snapshot.compactedSequences();
    for await (const page of snapshot.totals()) {
      await fetchUnknownSeries(page, catalog);
      for (const totals of page) {
        const series = catalog.findSeriesById(totals.id);
        if (series !== undefined) fresh.restore(series, totals);
      }
    }
    for await (const page of snapshot.rows()) {
      for (const samples of await this.applier.resolve(page, catalog)) {
        fresh.apply(samples);
        const { writerId, sequence } = samples;
        applied.set(writerId, Math.max(sequence, applied.get(writerId) ?? 0));
      }
    }
    return applied;
  }

  private load(fresh: LiveValues): Promise<AppliedSequences> {
    return this.store.withSnapshot((snapshot) => this.restoreInto(fresh, snapshot, this.catalog));
  }
}

/** Series that another process has made, and whose rows were compacted before they were seen here. */
async function fetchUnknownSeries(page: readonly SeriesTotalsRow[], catalog: Catalog): Promise<void> {
  const unknown = page.map(({ id }) => id).filter((id) => catalog.findSeriesById(id) === undefined);
  if (unknown.length > 0) await catalog.fetchSeries(unknown);
}
