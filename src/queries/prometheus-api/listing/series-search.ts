import { escapeLabelValue, labelInText, labelNameToText } from '../../../catalog/series/label-set.js';
import type { Metric, Series } from '../../../catalog/series/series.js';
import type { LabelMatcher } from '../../../promql/syntax/ast.js';
import { compileMatcher } from '../../../promql/syntax/matcher/matcher.js';
import { Turns } from '../../../scheduling/turns.js';

/**
 * Number of tests between two checks of the clock. A query may have many thousands of matchers. With a regular expression, which can
 * be slow, the clock is checked before each series to which it is applied.
 */
const TESTS_PER_TURN = 64;

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

/**
 * Searches the series of some metrics, in pages of at most {@link PAGE_SERIES} series. The search takes turns with other work.
 *
 * @param signal ends the search when the client no longer waits for it
 */
export async function* searchSeries(
  metrics: Iterable<Metric>,
  matchers: readonly LabelMatcher[],
  signal: AbortSignal | undefined,
): AsyncGenerator<readonly Series[]> {
  const turns = new Turns();
  const tests = matchers.filter(({ label }) => label !== '__name__').map(labelTestOf);
  const texts = tests.map(({ text }) => text).filter((text) => text !== undefined);
  const nameTests = matchers
    .filter(({ label }) => label === '__name__')
    .map((matcher) => compileMatcher(matcher).matches);
  const isSlow = matchers.some(({ operator }) => operator.endsWith('~'));
  const testsOfFitting = isSlow ? TESTS_PER_TURN : 1 + matchers.length;
  let tested = 0;
  let page: Series[] = [];
  for (const metric of metrics) {
    tested += testsOfFitting;
    if (tested >= TESTS_PER_TURN) {
      tested = 0;
      if (turns.isUp) await nextTurn(turns, signal);
    }
    if (!nameTests.every((matches) => matches(metric.name))) continue;
    for (const series of metric.series.values()) {
      const mayFit = containsAll(series.labelsText, texts);
      tested += mayFit ? testsOfFitting : 1 + texts.length;
      if (tested >= TESTS_PER_TURN) {
        tested = 0;
        if (turns.isUp) await nextTurn(turns, signal);
      }
      if (!mayFit || !fits(series, tests)) continue;
      page.push(series);
      if (page.length < PAGE_SERIES) continue;
      yield page;
      page = [];
    }
  }
  if (page.length > 0) yield page;
}

async function nextTurn(turns: Turns, signal: AbortSignal | undefined): Promise<void> {
  await turns.give();
  signal?.throwIfAborted();
}

function labelTestOf(matcher: LabelMatcher): LabelTest {
  const nameText = labelNameToText(matcher.label);
  const { matches, prefix, isExact } = compileMatcher(matcher);
  const text = prefix === '' ? undefined : `${nameText}="${escapeLabelValue(prefix)}${isExact ? '"' : ''}`;
  return { nameText, matches: matcher.operator.endsWith('~') ? remembering(matches) : matches, text };
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

/**
 * Searching a text is faster than finding a label in it, and usually only a few of many series contain it.
 */
function containsAll(labelsText: string, texts: readonly string[]): boolean {
  for (const text of texts) if (!labelsText.includes(text)) return false;
  return true;
}

function fits({ labelsText }: Series, tests: readonly LabelTest[]): boolean {
  return tests.every(({ nameText, matches }) => matches(labelInText(labelsText, nameText) ?? ''));
}
