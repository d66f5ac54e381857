import fc from 'fast-check';
import { RE2JS } from 're2js';
import { Metric, Series } from '../../../catalog/series/series.js';
import { labelsFromText, labelsToText, labelValueIn } from '../../../catalog/series/label-set.js';
import type { LabelMatcher, MatchOperator } from '../../../promql/syntax/ast.js';
import { searchSeries } from './series-search.js';

const NAMES = ['a', 'b', 'a.b'];
const texts = fc.string({ unit: fc.constantFrom('a', 'b', '0', '"', '\\', '\n', '=', ',', '|', '😀'), maxLength: 4 });
const patterns = fc
  .string({
    unit: fc.constantFrom('a', 'b', '0', '"', '.', '.*', '[ab]', '(a|b)', '|', '\\|', '+', '?', '{2}', '😀'),
    maxLength: 5,
  })
  .filter((pattern) => {
    try {
      RE2JS.compile(pattern);
      return true;
    } catch {
      return false;
    }
  });
const matchers: fc.Arbitrary<LabelMatcher> = fc
  .tuple(fc.constantFrom(...NAMES), fc.constantFrom<MatchOperator>('=', '!=', '=~', '!~'), texts, patterns)
  .map(([label, operator, text, pattern]) => ({ label, operator, value: operator.endsWith('~') ? pattern : text }));

function metricWith(labelsTexts: Iterable<string>): Metric {
  const metric = new Metric(1, 'tested', 'gauge', new Date(0), null, null, null);
  let id = 0;
  for (const labelsText of new Set(labelsTexts)) {
    metric.addSeries(new Series(++id, id, metric, labelsText, null, null, new Date(0)));
  }
  return metric;
}

/** The rules of Prometheus, without any short cut. */
function fits(labelsText: string, { label, operator, value }: LabelMatcher): boolean {
  const actual = labelValueIn(labelsFromText(labelsText), label);
  const isEqual = operator.endsWith('~') ? RE2JS.compile(value, RE2JS.DOTALL).matches(actual) : actual === value;
  return operator.startsWith('!') ? !isEqual : isEqual;
}

async function found(metric: Metric, wanted: readonly LabelMatcher[]): Promise<string[]> {
  const labelsTexts: string[] = [];
  for await (const page of searchSeries([metric], wanted, undefined)) {
    for (const { labelsText } of page) labelsTexts.push(labelsText);
  }
  return labelsTexts;
}

it('finds the series that all matchers of a selector match', async () => {
  const labels = fc
    .uniqueArray(
      fc.tuple(
        fc.constantFrom(...NAMES),
        texts.filter((text) => text !== ''),
      ),
      { selector: ([name]) => name },
    )
    .map(labelsToText);
  await fc.assert(
    fc.asyncProperty(fc.array(labels), fc.array(matchers, { maxLength: 3 }), async (labelsTexts, wanted) => {
      const metric = metricWith(labelsTexts);
      const expected = [...metric.series.keys()].filter((text) => wanted.every((matcher) => fits(text, matcher)));
      expect(await found(metric, wanted)).toEqual(expected);
    }),
    { numRuns: 2_000 },
  );
});

it('returns many series in pages', async () => {
  const metric = metricWith(Array.from({ length: 1_300 }, (_, index) => `a="${index}"`));
  const sizes: number[] = [];
  for await (const page of searchSeries([metric], [], undefined)) sizes.push(page.length);
  expect(sizes).toEqual([512, 512, 276]);
});

it('lets other work run between two series if a selector has very many matchers', async () => {
  const long = 'x'.repeat(30_000);
  const metric = metricWith(Array.from({ length: 20 }, (_, index) => `a="${long}${index}",b="0"`));
  let rounds = 0;
  const countRounds = setInterval(() => rounds++, 0);
  const wanted = Array.from({ length: 5_000 }, () => ({ label: 'b', operator: '=' as const, value: '0' }));
  expect(await found(metric, wanted)).toHaveLength(20);
  clearInterval(countRounds);
  expect(rounds).toBeGreaterThan(0);
});
