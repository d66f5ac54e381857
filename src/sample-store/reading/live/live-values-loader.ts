import { Injectable } from '@nestjs/common';
import { Catalog } from '../../../catalog/catalog.js';
import { withDeadline } from '../../../database/outage.js';
import { readAhead } from '../../../database/read-ahead.js';
import type { LiveValues } from '../../../live-values/live-values.js';
import { type LoadedState, LogApplier } from './log-applier.js';
import type { SeriesTotalsPage } from './series-totals-page.js';
import { type StoreSnapshot, StoreSnapshotRepository } from '../store-snapshot.repository.js';

/** Maximum time for a reload, even if its connection hangs, because all commits during a reload are kept in memory. */
const RELOAD_DEADLINE_MS = 300_000;

/** Rebuilds the live values from the store: from the stored totals, plus the rows still in the log. */
@Injectable()
export class LiveValuesLoader {
  private reloading: Promise<void> = Promise.resolve();

  constructor(
    private readonly store: StoreSnapshotRepository,
    private readonly catalog: Catalog,
    private readonly applier: LogApplier,
  ) {}

  /**
   * Loads everything again, which is necessary when unread rows have left the log, or when a correction has deleted samples. Only
   * one load runs at a time. A call during a load starts another one after it, which reads everything that was committed before
   * the call.
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
   * @param catalog the catalog of the same database
   * @returns what was read
   */
  async restoreInto(fresh: LiveValues, snapshot: StoreSnapshot, catalog: Catalog): Promise<LoadedState> {
    const correction = await snapshot.newestCorrection();
    const sequences = await snapshot.compactedSequences();
    const readPage = async (before: SeriesTotalsPage | undefined) => {
      const page = await snapshot.totalsAfter(before?.ids.at(-1) ?? 0);
      // This may use the connection of the snapshot, so it is part of the read and does not run beside the next one.
      if (page !== undefined) await fetchUnknownSeries(page.ids, catalog);
      return page;
    };
    for await (const page of readAhead(readPage)) {
      for (const [index, id] of page.ids.entries()) {
        const series = catalog.findSeriesById(id);
        if (series !== undefined) fresh.restore(series, page.totalsAt(index));
      }
    }
    for await (const page of snapshot.rows()) {
      for (const samples of await this.applier.resolve(page, catalog)) {
        fresh.apply(samples);
        const { writerId, sequence } = samples;
        sequences.set(writerId, Math.max(sequence, sequences.get(writerId) ?? 0));
      }
    }
    return { sequences, correction };
  }

  private load(fresh: LiveValues): Promise<LoadedState> {
    return this.store.withSnapshot((snapshot) => this.restoreInto(fresh, snapshot, this.catalog));
  }
}

/** Fetches series that another process has created and whose rows were compacted before this process read them. */
async function fetchUnknownSeries(ids: Int32Array, catalog: Catalog): Promise<void> {
  const unknown = ids.filter((id) => catalog.findSeriesById(id) === undefined);
  if (unknown.length > 0) await catalog.fetchSeries(Array.from(unknown));
}
