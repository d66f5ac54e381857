import type { Catalog } from '../../../src/catalog/catalog.js';
import type { Series } from '../../../src/catalog/series/series.js';

/** Stands in for a catalog that knows some series, and that can fetch the series in `stored`. */
export class KnownSeries implements Pick<Catalog, 'findSeriesById' | 'fetchSeries'> {
  readonly known = new Map<number, Series>();
  readonly stored = new Map<number, Series>();
  readonly fetched: (readonly number[])[] = [];
  /** Each fetch waits for the returned promise before it finds anything. */
  beforeFetch: () => Promise<unknown> = () => Promise.resolve();

  constructor(series: Iterable<Series>) {
    for (const each of series) this.known.set(each.id, each);
  }

  findSeriesById(id: number): Series | undefined {
    return this.known.get(id);
  }

  async fetchSeries(ids: readonly number[]): Promise<void> {
    this.fetched.push(ids);
    await this.beforeFetch();
    for (const id of ids) {
      const series = this.stored.get(id);
      if (series !== undefined) this.known.set(id, series);
    }
  }

  /** Forgets a series. Its slot may be given to another one. */
  remove(series: Series): void {
    series.isRemoved = true;
    this.known.delete(series.id);
  }
}
