import fc from 'fast-check';
import { parseExposition, seriesKey } from '../../../../test/support/exposition-parser.js';
import {
  counter,
  CREATED_AT,
  gauge,
  pageOf,
  pageTextsOf,
  type PushedMetric,
} from '../../../../test/support/pushed-page.js';
import {
  canReadQuotedNames,
  findReferenceInterpreter,
  ReferenceParser,
} from '../../../../test/support/reference-parser.js';
import { HISTOGRAM_SUFFIX } from '../../../catalog/metric/histogram-family.js';
import { labelSetOf, labelsToText } from '../../../catalog/series/label-set.js';
import { ESCAPING_SCHEMES, type EscapingScheme } from '../../../outside-text/escaped-name.js';
import { isLabelName, isMetricName } from '../../../outside-text/name.js';
import type { ExpositionFormat } from './exposition-format.js';

const FORMATS = ['text', 'openmetrics'] as const;

const linesOf = (metrics: readonly PushedMetric[], escaping: EscapingScheme, format: ExpositionFormat = 'text') =>
  pageOf(metrics, format, [], escaping)
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('# HELP'));

describe('a page with names of any characters', () => {
  it('has them in quotes if the scrape allows it', () => {
    expect(linesOf([gauge('my.metric', 1, { 'label.name': 'x', plain: 'y' })], 'allow-utf-8')).toEqual([
      '# TYPE "my.metric" gauge',
      '{"my.metric","label.name"="x",plain="y"} 1',
    ]);
    expect(linesOf([gauge('plain', 1, { 'label.name': 'x' }), gauge('a"\\\n')], 'allow-utf-8')).toEqual([
      '# TYPE plain gauge',
      'plain{"label.name"="x"} 1',
      String.raw`# TYPE "a\"\\\n" gauge`,
      String.raw`{"a\"\\\n"} 1`,
    ]);
    expect(linesOf([counter('my.jobs_total', 3)], 'allow-utf-8', 'openmetrics')).toEqual([
      '# TYPE "my.jobs" counter',
      '{"my.jobs_total"} 3',
      `{"my.jobs_created"} ${CREATED_AT.getTime() / 1000}`,
      '# EOF',
    ]);
  });

  it.each([
    ['underscores', 'my_metric', 'label_name'],
    ['dots', 'my_dot_metric', 'label_dot_name'],
    ['values', 'U__my_2e_metric', 'U__label_2e_name'],
  ] as const)('has them escaped by %s', (escaping, name, label) => {
    const metrics = [gauge('my.metric', 1, { 'label.name': 'x', a_b: 'y' }), gauge('other_metric', 2)];
    expect(linesOf(metrics, escaping)).toEqual([
      `# TYPE ${name} gauge`,
      `${name}{a_b="y",${label}="x"} 1`,
      '# TYPE other_metric gauge',
      'other_metric 2',
    ]);
  });

  it('keeps the suffixes of a histogram and of a counter', () => {
    const metrics: PushedMetric[] = [
      { name: 'my.h', type: 'histogram' },
      counter('my.h_bucket', 2, { le: '+Inf', 'a.b': 'c' }),
      counter('my.h_sum', 3, { 'a.b': 'c' }),
      counter('my.h_count', 2, { 'a.b': 'c' }),
      counter('my.jobs_total', 4),
    ];
    expect(linesOf(metrics, 'dots', 'openmetrics').filter((line) => !line.includes('_created'))).toEqual([
      '# TYPE my_dot_h histogram',
      'my_dot_h_bucket{a_dot_b="c",le="+Inf"} 2',
      'my_dot_h_sum{a_dot_b="c"} 3',
      'my_dot_h_count{a_dot_b="c"} 2',
      '# TYPE my_dot_jobs_ counter',
      'my_dot_jobs__total 4',
      '# EOF',
    ]);
  });

  it.each(['underscores', 'dots', 'values'] as const)(
    'has no counter as the creation time of another one, escaped by %s',
    (escaping) => {
      const samples = linesOf([counter('a-b_total', 1), counter('a-b_created', 2)], escaping, 'openmetrics')
        .filter((line) => !line.startsWith('#'))
        .map((line) => Number(line.split(' ')[1]));
      expect(samples).toEqual([1, CREATED_AT.getTime() / 1000, 2]);
    },
  );

  it.each<[what: string, metrics: readonly PushedMetric[], samples: readonly string[]]>([
    ['a legal name', [gauge('a.b', 1), gauge('a_b', 2)], ['U__a_2e_b 1', 'a_b 2']],
    ['another escaped name', [gauge('a.b', 1), gauge('a-b', 2)], ['a_b 1', 'U__a_2d_b 2']],
    [
      'all of its escaped names',
      [gauge('a.b', 1), gauge('a_b', 2), gauge('U__a_2e_b', 3)],
      ['U__a_2e_b_ 1', 'a_b 2', 'U__a_2e_b 3'],
    ],
    ['a part of a histogram', [{ name: 'h', type: 'histogram' }, gauge('h.count', 1)], ['U__h_2e_count 1']],
    ['the family of a counter', [counter('a_b_total', 1), gauge('a.b', 2)], ['a_b_total 1', 'U__a_2e_b 2']],
    ['a legal label', [gauge('a', 1, { 'b.c': '1', b_c: '2' })], ['a{U__b_2e_c="1",b_c="2"} 1']],
    [
      'a label of another series',
      [
        {
          ...gauge('a'),
          series: [
            { labels: { 'b.c': '1' }, value: 1 },
            { labels: { b_c: '1' }, value: 2 },
          ],
        },
      ],
      ['a{U__b_2e_c="1"} 1', 'a{b_c="1"} 2'],
    ],
    ['another escaped label', [gauge('a', 1, { 'b.c': '1', 'b-c': '2' })], ['a{b_c="2",U__b_2e_c="1"} 1']],
    ['a reserved label', [gauge('a', 1, { '..name..': '1' })], ['a{U___2e__2e_name_2e__2e_="1"} 1']],
  ])('uses the values of the characters where the escaped name is %s', (_what, metrics, samples) => {
    expect(
      linesOf(metrics, 'underscores')
        .filter((line) => !line.startsWith('#'))
        .toSorted(),
    ).toEqual(samples.toSorted());
  });

  it('lets other work in between while it escapes many names', () => {
    const textsBefore = (metrics: readonly PushedMetric[], escaping: EscapingScheme) =>
      pageTextsOf(metrics, 'text', [], escaping).findIndex((text) => text !== '');
    const metricsWith = (dot: string) => Array.from({ length: 1000 }, (_, index) => gauge(`a${dot}${index}`));
    const labelsWith = (dot: string) =>
      gauge('a', 1, Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`b${dot}${index}`, '1'])));
    expect(textsBefore(metricsWith('.'), 'underscores')).toBeGreaterThanOrEqual(1000);
    expect(textsBefore([labelsWith('.')], 'underscores')).toBeGreaterThanOrEqual(1000);
    // There is nothing to do for names that are shown as they are.
    expect(textsBefore([...metricsWith('_'), labelsWith('_')], 'underscores')).toBe(0);
    expect(textsBefore([...metricsWith('.'), labelsWith('.')], 'allow-utf-8')).toBe(0);
  });
});

/** Stems that have the same escaped names, and names that only seem to be escaped. */
const stem = fc.constantFrom('a.b', 'a_b', 'a-b', 'a__b', 'a_dot_b', 'U__a_2e_b', '1', '花', 'a"\\\n{}', 'a b');
const suffix = fc.constantFrom('', '', '_total', '.total', '_created', '_bucket', '_count', '_sum');
const labelName = fc.constantFrom('x.y', 'x_y', 'x-y', 'x:y', '..x', 'U__x_2e_y', 'x="', '花', 'le', ',');
const series = fc.uniqueArray(
  fc.record({ labels: fc.dictionary(labelName, fc.constantFrom('1', ',', '"\\\n'), { maxKeys: 3 }), value: fc.nat(5) }),
  { minLength: 1, maxLength: 3, selector: ({ labels }) => labelsToText(labelSetOf(labels)) },
);
const metric = fc
  .record({
    stem,
    suffix,
    type: fc.constantFrom('counter', 'gauge', 'histogram'),
    unit: fc.constantFrom('', 'b', '{}'),
    series,
  })
  .map(({ stem: start, suffix: end, type, unit, series: drawn }): PushedMetric => {
    const isPart = Object.values(HISTOGRAM_SUFFIX).some((each) => each === end);
    return { name: start + end, type: isPart ? 'counter' : (type as PushedMetric['type']), unit, series: drawn };
  });

/** Draws metrics that ingestion accepts: all names are different, and histograms have no samples of their own. */
const metrics = fc
  .uniqueArray(metric, { maxLength: 12, size: 'max', selector: ({ name }) => name })
  .map((drawn) => drawn.map((each) => (each.type === 'histogram' ? { ...each, series: [] } : each)));

const interpreter = findReferenceInterpreter();
const isOwnTime = ({ name, value }: { readonly name: string; readonly value: number }) =>
  name.endsWith('_created') && value === CREATED_AT.getTime() / 1000;

(interpreter === undefined ? describe.skip : describe)(
  'any page (skipped without the package prometheus_client)',
  () => {
    let reference: ReferenceParser;
    beforeAll(() => (reference = ReferenceParser.start()));
    afterAll(() => reference.stop());

    it('is legal in every format and scheme, and shows each series once with its value', async () => {
      const readsQuotes = canReadQuotedNames();
      await fc.assert(
        fc.asyncProperty(metrics, async (pushed) => {
          const values = new Map<string, readonly number[]>();
          for (const format of FORMATS) {
            for (const escaping of ESCAPING_SCHEMES) {
              const page = pageOf(pushed, format, [], escaping);
              if (escaping !== 'allow-utf-8' || readsQuotes) await reference.parse(page, format);
              const samples = parseExposition(page, format).flatMap((family) => family.samples);
              if (escaping !== 'allow-utf-8') {
                for (const { name, labels } of samples) {
                  expect(isMetricName(name)).toBe(true);
                  expect(Object.keys(labels).every((label) => isLabelName(label))).toBe(true);
                }
              }
              const shown = samples.filter((sample) => !isOwnTime(sample));
              expect(new Set(shown.map(({ name, labels }) => seriesKey(name, labels))).size).toBe(shown.length);
              values.set(
                `${format} ${escaping}`,
                shown.map(({ value }) => value).toSorted((a, b) => a - b),
              );
            }
          }
          const [first, ...others] = values.values();
          for (const other of others) expect(other).toEqual(first);
        }),
        { numRuns: Number(process.env.PAGE_RUNS ?? 80) },
      );
    });
  },
);
