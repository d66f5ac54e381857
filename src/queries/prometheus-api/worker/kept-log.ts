import type { LogRow } from '../../../sample-store/log/log-row.js';
import type { LogFilter, StoreView } from '../../../sample-store/reading/store-view.js';

/** Maximum number of samples of the log that are kept. Each takes up to 28 bytes. */
const MAX_KEPT_SAMPLES = 1_000_000;

/**
 * A view of the store that keeps the rows of the log, if they are few, because every slice of many series needs all of them.
 */
export class KeptLog implements StoreView {
  readonly blocks: StoreView['blocks'];
  readonly totalsOf: StoreView['totalsOf'];
  readonly chunks: StoreView['chunks'];
  readonly chunkSums: StoreView['chunkSums'];
  readonly deltaSumsSince: StoreView['deltaSumsSince'];
  readonly lastSamplesBefore: StoreView['lastSamplesBefore'];
  private kept: { readonly filter: LogFilter; readonly rows: readonly LogRow[] } | undefined;

  constructor(private readonly view: StoreView) {
    this.blocks = view.blocks;
    this.totalsOf = (seriesIds) => view.totalsOf(seriesIds);
    this.chunks = (filter) => view.chunks(filter);
    this.chunkSums = (filter) => view.chunkSums(filter);
    this.deltaSumsSince = (seriesIds, at) => view.deltaSumsSince(seriesIds, at);
    this.lastSamplesBefore = (seriesIds, at) => view.lastSamplesBefore(seriesIds, at);
  }

  async *rows(filter: LogFilter): AsyncGenerator<LogRow[]> {
    const { kept } = this;
    const isKept = kept !== undefined && filter.from === kept.filter.from && filter.to === kept.filter.to;
    if (isKept && filter.seriesIds === undefined) {
      yield [...kept.rows];
      return;
    }
    const rows: LogRow[] = [];
    let samples = 0;
    for await (const page of this.view.rows(filter)) {
      for (const row of page) samples += row.values.length;
      if (samples <= MAX_KEPT_SAMPLES) for (const row of page) rows.push(row);
      yield page;
    }
    if (filter.seriesIds === undefined && samples <= MAX_KEPT_SAMPLES) this.kept = { filter, rows };
  }
}
