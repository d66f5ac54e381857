import { Injectable } from '@nestjs/common';
import { CatalogRefresh } from '../../../catalog/catalog-refresh.js';
import type { KnownExtents } from '../../../catalog/series/known-extents.js';
import { Catalog } from '../../../catalog/catalog.js';
import { escapeLabelValue, labelInText, labelNameToText } from '../../../catalog/series/label-set.js';
import type { Metric } from '../../../catalog/series/series.js';
import type { Series } from '../../../catalog/series/series.js';
import type { LabelMatcher } from '../../../promql/syntax/ast.js';
import { compileMatcher } from '../../../promql/syntax/matcher/matcher.js';
import { Turns } from '../../../scheduling/turns.js';

/**
 * Number of series between two checks of the clock. With a regular expression, which can be slow, the clock is checked after each
 * series.
 */
const SERIES_PER_TURN = 64;

/**
 * Number of series that are returned at a time. An await for each of a hundred thousand series would take a tenth of a second.
 */
const PAGE_SERIES = 512;

/**
 * Maximum number of values of one label whose test result is cached. Testing a regular expression takes microseconds, and few
 * labels have more values.
 */
const MAX_REMEMBERED_VALUES = 10_000;

type ValueTest = (value: string) => boolean;

/** A condition of a selector on one label other than the name. */
interface LabelTest {
  /** The name of the label as {@link labelNameToText} writes it. */
  readonly nameText: string;
  readonly matches: ValueTest;
  /** A text that the labels of every matching series contain, or undefined if there is no such text. */
  readonly text: string | undefined;
}

/** Searches the catalog in memory for the series that a selector matches. */
@Injectable()
export class SeriesFinder {
  constructor(
    private readonly catalog: Catalog,
    private readonly refresh: CatalogRefresh,
  ) {}

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
   * Finds the matching series that {@link learn} has loaded, metric by metric, in pages. The tests take turns with other work.
   *
   * @param signal ends the search when the client no longer waits for it
   */
  async *find(matchers: readonly LabelMatcher[], signal?: AbortSignal): AsyncGenerator<Series[]> {
    const turns = new Turns();
    const tests = matchers.filter(({ label }) => label !== '__name__').map(labelTestOf);
    const seriesPerTurn = matchers.some(({ operator }) => operator.endsWith('~')) ? 1 : SERIES_PER_TURN;
    const nameTests = matchers
      .filter(({ label }) => label === '__name__')
      .map((matcher) => compileMatcher(matcher).matches);
    let looked = 0;
    let page: Series[] = [];
    for (const metric of this.metricsOf(matchers)) {
      if (++looked % seriesPerTurn === 0 && turns.isUp) {
        await turns.give();
        signal?.throwIfAborted();
      }
      if (!nameTests.every((matches) => matches(metric.name))) continue;
      for (const series of metric.series.values()) {
        if (++looked % seriesPerTurn === 0 && turns.isUp) {
          await turns.give();
          signal?.throwIfAborted();
        }
        if (!fits(series, tests)) continue;
        page.push(series);
        if (page.length < PAGE_SERIES) continue;
        yield page;
        page = [];
      }
    }
    if (page.length > 0) yield page;
  }

  /** Yields the metrics whose names can match. */
  private *metricsOf(matchers: readonly LabelMatcher[]): Generator<Metric> {
    const name = nameOf(matchers);
    if (name === undefined) {
      yield* this.catalog.metrics;
      return;
    }
    const metric = this.catalog.findMetric(name);
    if (metric !== undefined) yield metric;
  }
}

/** Returns the only name that a selector can match, or undefined if all names have to be tested. */
function nameOf(matchers: readonly LabelMatcher[]): string | undefined {
  return matchers.find(({ label, operator, value }) => label === '__name__' && operator === '=' && value !== '')?.value;
}

function labelTestOf(matcher: LabelMatcher): LabelTest {
  const { label, operator, value } = matcher;
  const nameText = labelNameToText(label);
  if (operator === '=' || operator === '!=') {
    const isWanted = operator === '=';
    return {
      nameText,
      matches: (each) => (each === value) === isWanted,
      text: isWanted && value !== '' ? `${nameText}="${escapeLabelValue(value)}"` : undefined,
    };
  }
  return { nameText, matches: remembering(compileMatcher(matcher).matches), text: undefined };
}

function remembering(test: ValueTest): ValueTest {
  const known = new Map<string, boolean>();
  return (value) => {
    let isMatch = known.get(value);
    if (isMatch === undefined) {
      isMatch = test(value);
      if (known.size < MAX_REMEMBERED_VALUES) known.set(value, isMatch);
    }
    return isMatch;
  };
}

function fits({ labelsText }: Series, tests: readonly LabelTest[]): boolean {
  if (tests.length === 0) return true;
  // Searching a text is faster than finding a label in it, and only few of 10,000 series contain it.
  for (const { text } of tests) if (text !== undefined && !labelsText.includes(text)) return false;
  return tests.every(({ nameText, matches }) => matches(labelInText(labelsText, nameText) ?? ''));
}
