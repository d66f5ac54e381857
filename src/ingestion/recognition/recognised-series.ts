import { randomInt } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { Series } from '../../catalog/series/series.js';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../custom-metrics.options.js';
import { hashItem, type ItemPlace, ItemTable } from './item-table.js';

/** The share of the cache memory for each of the two generations. The memo of the batch resolver gets the remaining memory. */
const GENERATION_SHARE = 0.3;

/** Maximum size of an item. Longer items are rare, and not worth their memory. */
export const MAX_ITEM_BYTES = 2_048;

/**
 * The memory that an item takes in a table in addition to its text. This includes the spare room of a table that has just
 * grown.
 */
const ITEM_BYTES = 100;

/** The share of a generation's memory for text. Typical items have about a hundred bytes of text. */
const TEXT_SHARE = 0.5;

/** The seed is unknown outside this process. Otherwise a client could search for items with colliding hashes. */
const HASH_SEED = randomInt(2 ** 31);

interface CacheOptions {
  readonly ingest: Pick<CustomMetricsOptions['ingest'], 'cacheMemoryBytes'>;
}

/**
 * Finds the series of an item by the bytes of the item, for all receivers.
 *
 * Two generations bound the memory, as in the memo of the batch resolver: when the young one is full, it becomes the old one, and
 * the previous old one is dropped. An item that is used again moves to the young one.
 *
 * A receiver may put an item only after its samples were accepted, only if all senders of the same name would get the same series
 * for these bytes, and only if an item with these bytes can declare nothing more. It calls {@link keepOnlyFor} before it looks up
 * items.
 */
@Injectable()
export class RecognisedSeries {
  private readonly generationBytes: number;
  private young: ItemTable;
  private old: ItemTable;
  private generation = 0;

  constructor(@Inject(CUSTOM_METRICS_OPTIONS) { ingest }: CacheOptions) {
    this.generationBytes = ingest.cacheMemoryBytes * GENERATION_SHARE;
    this.young = this.newTable();
    this.old = this.newTable();
  }

  /** The number of bytes of memory in use. */
  get bytes(): number {
    const items = this.young.itemCount + this.old.itemCount;
    return items * ITEM_BYTES + this.young.textBytes + this.old.textBytes;
  }

  /**
   * Forgets everything if the generation of the catalog has changed, because the series may be outdated.
   *
   * @param generation the generation of the catalog; see `Catalog.generation`
   */
  keepOnlyFor(generation: number): void {
    if (generation === this.generation) return;
    this.generation = generation;
    this.forgetAll();
  }

  forgetAll(): void {
    this.young = this.newTable();
    this.old = this.newTable();
  }

  /**
   * @param sender the kind of item and its sender; items of other senders do not count as known
   * @returns the series of an item; undefined if the item is not known
   */
  find(bytes: DataView, place: ItemPlace, sender: string): Series | undefined {
    if (place.end - place.start > MAX_ITEM_BYTES) return undefined;
    const hash = hashItem(bytes, place, HASH_SEED);
    const series = this.young.find(bytes, place, hash, sender);
    if (series !== undefined) return series;
    const survivor = this.old.find(bytes, place, hash, sender);
    if (survivor !== undefined) this.add(bytes, place, hash, sender, survivor);
    return survivor;
  }

  /** Remembers the series of an item that is not known yet. Items that are too long are not remembered. */
  put(bytes: DataView, place: ItemPlace, sender: string, series: Series): void {
    if (place.end - place.start > MAX_ITEM_BYTES) return;
    this.add(bytes, place, hashItem(bytes, place, HASH_SEED), sender, series);
  }

  private add(bytes: DataView, place: ItemPlace, hash: number, sender: string, series: Series): void {
    if (this.young.add(bytes, place, hash, sender, series)) return;
    this.old = this.young;
    this.young = this.newTable();
    this.young.add(bytes, place, hash, sender, series);
  }

  private newTable(): ItemTable {
    const textBytes = Math.floor(this.generationBytes * TEXT_SHARE);
    return new ItemTable(Math.floor((this.generationBytes - textBytes) / ITEM_BYTES), textBytes);
  }
}
