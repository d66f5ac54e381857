import type { MetricExtent } from '../../../catalog/series/known-extents.js';
import type { PackedPart } from '../../archive/block/block-bytes.js';
import type { StoreView, WantedBytes } from '../store-view.js';
import { type FetchedRow, ROW } from './fetched-rows.js';
import { FetchedView } from './fetched-view.js';

/** Some ranges that were fetched at once, and the extents of metrics at the same moment. */
export class FetchedRanges {
  /** The extent of each metric that exists, by its id. */
  readonly extents: ReadonlyMap<number, MetricExtent>;

  constructor(
    private readonly rows: readonly FetchedRow[],
    private readonly fetchBytes: (wanted: readonly WantedBytes[]) => Promise<PackedPart[] | undefined>,
  ) {
    const series = new Map(rows.filter(({ kind }) => kind === ROW.EXTENT).map((row) => [row.owner, row]));
    this.extents = new Map(
      rows
        .filter(({ kind }) => kind === ROW.NAME)
        .map(({ owner, id: nameId }) => {
          const { id: count = 0, members_high: newestId = 0 } = series.get(owner) ?? {};
          return [owner, { nameId, count, newestId }];
        }),
    );
  }

  /** Returns the view of a range by its index. */
  viewOf(index: number): StoreView {
    return new FetchedView(
      this.rows.filter(({ range_number: number }) => number === index + 1),
      this.fetchBytes,
    );
  }
}
