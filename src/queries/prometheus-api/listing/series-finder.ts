import { Inject, Injectable } from '@nestjs/common';
import { CatalogRefresh } from '../../../catalog/catalog-refresh.js';
import type { KnownExtents } from '../../../catalog/series/known-extents.js';
import { Catalog } from '../../../catalog/catalog.js';
import type { Series } from '../../../catalog/series/series.js';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../../custom-metrics.options.js';
import type { LabelMatcher } from '../../../promql/syntax/ast.js';
import { SelectorMemo } from './selector-memo.js';
import { searchSeries } from './series-search.js';

/** Searches the catalog in memory for the series that a selector matches. */
@Injectable()
export class SeriesFinder {
  private readonly memo: SelectorMemo;

  constructor(
    private readonly catalog: Catalog,
    private readonly refresh: CatalogRefresh,
    @Inject(CUSTOM_METRICS_OPTIONS) { promql }: CustomMetricsOptions,
  ) {
    this.memo = new SelectorMemo(promql.selectorMemoryBytes);
  }

  /**
   * Makes sure that the catalog knows all series that these selectors can match, including those that another process has
   * acknowledged.
   *
   * @param selectors the matchers of each selector; an empty list means everything
   */
  async learn(selectors: readonly (readonly LabelMatcher[])[]): Promise<void> {
    const names = new Set(selectors.map(nameOf));
    if (selectors.length === 0 || names.has(undefined)) {
      await this.refresh.ofAllSeries();
      return;
    }
    for (const name of names) await this.refresh.ofMetric(name!);
  }

  /**
   * Returns how many series of the metrics that these selectors can match the catalog knows, and which of them are the newest.
   *
   * @returns undefined if the selectors can match metrics that the catalog does not know
   */
  knownExtents(selectors: readonly (readonly LabelMatcher[])[]): KnownExtents | undefined {
    const names = new Set(selectors.map(nameOf));
    return names.has(undefined) ? undefined : this.refresh.knownExtents(names as ReadonlySet<string>);
  }

  /**
   * Finds the matching series that {@link learn} has loaded, metric by metric, in pages. The search takes turns with other work.
   *
   * @param signal ends the search when the client no longer waits for it
   */
  async *find(matchers: readonly LabelMatcher[], signal?: AbortSignal): AsyncGenerator<readonly Series[]> {
    const name = nameOf(matchers);
    if (name === undefined) {
      yield* searchSeries(this.catalog.metrics, matchers, signal);
      return;
    }
    const metric = this.catalog.findMetric(name);
    if (metric === undefined) return;
    const key = JSON.stringify(matchers.map(({ label, operator, value }) => [label, operator, value]));
    const known = this.memo.find(key, metric);
    if (known !== undefined) {
      if (known.length > 0) yield known;
      return;
    }
    const { seriesChanges } = metric;
    let last: readonly Series[] = [];
    let pages = 0;
    for await (const page of searchSeries([metric], matchers, signal)) {
      pages++;
      last = page;
      yield page;
    }
    // Finding many series takes little time in comparison with reading their samples.
    if (pages <= 1) this.memo.remember(key, metric, seriesChanges, last);
  }
}

/** Returns the only name that a selector can match, or undefined if all names have to be tested. */
function nameOf(matchers: readonly LabelMatcher[]): string | undefined {
  return matchers.find(({ label, operator, value }) => label === '__name__' && operator === '=' && value !== '')?.value;
}
