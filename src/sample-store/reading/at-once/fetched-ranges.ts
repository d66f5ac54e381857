import type { StoredExtent } from '../../../catalog/series/settled-extents.js';
import type { PackedPart } from '../../archive/block/block-bytes.js';
import type { StoreView, WantedBytes } from '../store-view.js';
import { type FetchedRow, ROW } from './fetched-rows.js';
import { FetchedView } from './fetched-view.js';

/** Some ranges that were fetched at once, and the extents of metrics at the same moment. */
export class FetchedRanges {
  /** The extent of each metric that exists, by its id. */
  readonly extents: ReadonlyMap<number, StoredExtent>;

  /** @param hasOlder whether the last samples before the ranges were fetched as well */
  constructor(
    private readonly rows: readonly FetchedRow[],
    private readonly hasOlder: boolean,
    private readonly fetchBytes: (wanted: readonly WantedBytes[]) => Promise<PackedPart[] | undefined>,
  ) {
    const names = new Map(rows.filter(({ kind }) => kind === ROW.NAME).map((row) => [row.owner, row]));
    this.extents = new Map(
      rows.filter(({ kind }) => kind === ROW.EXTENT).flatMap((row) => extentOf(row, names.get(row.owner))),
    );
  }

  /** Returns the view of a range by its index. */
  viewOf(index: number): StoreView {
    return new FetchedView(
      this.rows.filter(({ range_number: number }) => number === index + 1),
      this.hasOlder,
      this.fetchBytes,
    );
  }
}

/** @param name undefined if the metric no longer exists */
function extentOf(counted: FetchedRow, name: FetchedRow | undefined): [number, StoredExtent][] {
  if (name === undefined) return [];
  const extent = {
    nameId: name.id,
    version: name.sum!,
    count: counted.id,
    newestId: counted.members_high,
    checksum: counted.directory.readDoubleBE(),
    oldestRunning: counted.sum!,
    nextTransaction: counted.sum_low!,
  };
  return [[counted.owner, extent]];
}
