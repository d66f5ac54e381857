import { Injectable } from '@nestjs/common';
import { CatalogRefresh } from '../../catalog/catalog-refresh.js';
import { Catalog } from '../../catalog/catalog.js';
import { escapeLabelValue, labelsFromText } from '../../catalog/series/label-set.js';
import type { Metric } from '../../catalog/series/series.js';
import type { Series } from '../../catalog/series/series.js';
import type { LabelMatcher } from '../../promql/syntax/ast.js';
import { compileMatcher } from '../../promql/syntax/matcher/matcher.js';
import { Turns } from '../../scheduling/turns.js';

/** Number of series between two checks of the clock; with a regular expression, which may be slow, it is one. */
const SERIES_PER_TURN = 64;

/**
 * Maximum number of values of one label whose test result is cached; regular expressions cost microseconds, and few labels have
 * more values.
 */
const MAX_REMEMBERED_VALUES = 10_000;

type ValueTest = (value: string) => boolean;

/** The conditions of one selector on the labels other than the name. */
interface LabelTest {
  readonly label: string;
  readonly matches: ValueTest;
  /** A text that the labels of every matching series contain; undefined where there is no such text. */
  readonly text: string | undefined;
}

/** Finds the series that a selector matches in the catalog in memory. */
@Injectable()
export class SeriesFinder {
  constructor(
    private readonly catalog: Catalog,
    private readonly refresh: CatalogRefresh,
  ) {}

  /**
   * Makes sure that the catalog knows everything these selectors may match that another process has acknowledged.
   *
   * @param selectors the matchers of each; an empty list means everything
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
   * Finds the matching series that {@link learn} has loaded, metric by metric. Labels are tested in turns with other work.
   *
   * @param signal ends the search when the client no longer waits for it
   */
  async *find(matchers: readonly LabelMatcher[], signal?: AbortSignal): AsyncGenerator<Series> {
    const turns = new Turns();
    const tests = matchers.filter(({ label }) => label !== '__name__').map(labelTestOf);
    const seriesPerTurn = matchers.some(({ operator }) => operator.endsWith('~')) ? 1 : SERIES_PER_TURN;
    const nameTests = matchers
      .filter(({ label }) => label === '__name__')
      .map((matcher) => compileMatcher(matcher).matches);
    let looked = 0;
    for (const metric of this.metricsOf(matchers)) {
      if (++looked % seriesPerTurn === 0) {
        await turns.give();
        signal?.throwIfAborted();
      }
      if (!nameTests.every((matches) => matches(metric.name))) continue;
      for (const series of metric.series.values()) {
        if (++looked % seriesPerTurn === 0) {
          await turns.give();
          signal?.throwIfAborted();
        }
        if (fits(series, tests)) yield series;
      }
    }
  }

  /** Yields the metrics whose name may match. */
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

/** Returns the only name that a selector can match; undefined if all names have to be tested. */
function nameOf(matchers: readonly LabelMatcher[]): string | undefined {
  return matchers.find(({ label, operator, value }) => label === '__name__' && operator === '=' && value !== '')?.value;
}

function labelTestOf(matcher: LabelMatcher): LabelTest {
  const { label, operator, value } = matcher;
  if (operator === '=' || operator === '!=') {
    const isWanted = operator === '=';
    return {
      label,
      matches: (each) => (each === value) === isWanted,
      text: isWanted && value !== '' ? `${label}="${escapeLabelValue(value)}"` : undefined,
    };
  }
  return { label, matches: remembering(compileMatcher(matcher).matches), text: undefined };
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
  // Labels are parsed only where their text can match: of 10,000 series few do.
  for (const { text } of tests) if (text !== undefined && !labelsText.includes(text)) return false;
  const labels = labelsFromText(labelsText);
  return tests.every(({ label, matches }) => matches(Object.hasOwn(labels, label) ? labels[label]! : ''));
}
