import type { LabelFilter } from '../filter/label-filter.js';
import { newPanel, type PanelState } from '../panel-state.js';
import { promqlOf } from './promql-of.js';

type Type = 'counter' | 'gauge' | 'histogram';

const ONE = { isCumulative: false, isOneEach: true };
const SEVERAL = { isCumulative: false, isOneEach: false };
const TOTALS = { isCumulative: true, isOneEach: false };

const is = (label: string, value: string): LabelFilter => ({ label, value, isExcluded: false });
const not = (label: string, value: string): LabelFilter => ({ label, value, isExcluded: true });

const queryOf = (type: Type, more: Partial<PanelState>, facts = SEVERAL, name = 'm_total', step = '1h') =>
  promqlOf({ ...newPanel({ metric: name }), ...more }, { name, type }, step, facts).query;

describe('the PromQL of a counter', () => {
  it.each([
    [{}, SEVERAL, 'sum (sum_over_time(m_total{__view__="delta"}[1h]))'],
    [{ by: ['country'] }, SEVERAL, 'sum by (country) (sum_over_time(m_total{__view__="delta"}[1h]))'],
    // Running totals can't be added up.
    [{}, TOTALS, 'sum (increase(m_total[1h]))'],
    [{ see: 'rate' }, SEVERAL, 'sum (sum_over_time(m_total{__view__="delta"}[1h])) / 3600'],
    [{ see: 'rate' }, TOTALS, 'sum (rate(m_total[1h]))'],
    [{ see: 'last' }, SEVERAL, 'sum (m_total)'],
    [{ see: 'count' }, SEVERAL, 'sum (count_over_time(m_total{__view__="raw"}[1h]))'],
  ])('with %j and %j is %s', (more, facts, expected) => {
    expect(queryOf('counter', more, facts)).toBe(expected);
  });
});

describe('the PromQL of a gauge', () => {
  const raw = 'm{__view__="raw"}[1h]';

  it.each([
    [{}, ONE, `sum (avg_over_time(${raw}))`],
    [{}, SEVERAL, `sum (sum_over_time(${raw})) / sum (count_over_time(${raw}))`],
    [{ see: 'max', by: ['a'] }, SEVERAL, `max by (a) (max_over_time(${raw}))`],
    [{ see: 'min' }, SEVERAL, `min (min_over_time(${raw}))`],
    [{ see: 'last' }, SEVERAL, 'sum (m)'],
    [{ see: 'count' }, SEVERAL, `sum (count_over_time(${raw}))`],
    [{ see: 'p50' }, ONE, `sum (quantile_over_time(0.5, ${raw}))`],
    [{ see: 'p95', by: ['a'] }, ONE, `sum by (a) (quantile_over_time(0.95, ${raw}))`],
    [{ see: 'p99' }, ONE, `sum (quantile_over_time(0.99, ${raw}))`],
    [{ see: 'stddev' }, ONE, `sum (stddev_over_time(${raw}))`],
    [{ see: 'first' }, ONE, `sum (first_over_time(${raw}))`],
  ])('with %j and %j is %s', (more, facts, expected) => {
    expect(queryOf('gauge', more, facts, 'm')).toBe(expected);
  });

  it('takes the deviation of several series from their squares', () => {
    expect(queryOf('gauge', { see: 'stddev' }, SEVERAL, 'm')).toBe(
      `sqrt(sum (count_over_time(${raw}) * (stdvar_over_time(${raw}) + avg_over_time(${raw}) ^ 2)) / sum (count_over_time(${raw}))` +
        ` - (sum (sum_over_time(${raw})) / sum (count_over_time(${raw}))) ^ 2)`,
    );
  });

  it.each(['p50', 'p95', 'p99', 'first'])('does not exist for %s of several series, and a sentence says so', (see) => {
    const { query, reason } = promqlOf(
      { ...newPanel({ metric: 'm' }), see },
      { name: 'm', type: 'gauge' },
      '1h',
      SEVERAL,
    );
    expect(query).toBeUndefined();
    expect(reason).toMatch(/^PromQL computes this for each series .*\.$/);
  });
});

describe('the PromQL of a histogram', () => {
  const delta = (part: string) => `sum_over_time(m_${part}{__view__="delta"}[1h])`;

  it.each([
    [{}, SEVERAL, `histogram_quantile(0.95, sum by (le) (${delta('bucket')}))`],
    [{ see: 'p50', by: ['a'] }, SEVERAL, `histogram_quantile(0.5, sum by (le, a) (${delta('bucket')}))`],
    [{ see: 'count' }, SEVERAL, `sum (${delta('count')})`],
    [{ see: 'average' }, SEVERAL, `sum (${delta('sum')}) / sum (${delta('count')})`],
    [{ see: 'p99' }, TOTALS, 'histogram_quantile(0.99, sum by (le) (increase(m_bucket[1h])))'],
  ])('with %j and %j is %s', (more, facts, expected) => {
    expect(queryOf('histogram', more, facts, 'm')).toBe(expected);
  });
});

describe('the PromQL of a panel', () => {
  it.each([
    [[is('a', 'x')], 'sum (m{a="x"})'],
    [[is('a', 'x.y'), is('a', 'z')], String.raw`sum (m{a=~"x\\.y|z"})`],
    [[not('a', 'x')], 'sum (m{a!="x"})'],
    [[not('a', 'x'), not('a', 'y|z')], String.raw`sum (m{a!~"x|y\\|z"})`],
    [[is('a', 'x'), not('b', '')], 'sum (m{a="x",b!=""})'],
    [[is('a', 'say "hi"\\\n')], String.raw`sum (m{a="say \"hi\"\\\n"})`],
    [[is('a.b', 'x'), is('a.b', 'y')], 'sum (m{"a.b"=~"x|y"})'],
  ])('has the filters %j', (filters, expected) => {
    expect(queryOf('gauge', { see: 'last', filters }, SEVERAL, 'm')).toBe(expected);
  });

  it.each([
    ['gauge', { see: 'last' }, 'my.metric', 'sum ({"my.metric"})'],
    ['counter', { by: ['a', 'größe'] }, '花火', 'sum by (a, "größe") (sum_over_time({"花火",__view__="delta"}[1h]))'],
    ['histogram', { see: 'count' }, 'http.time', 'sum (sum_over_time({"http.time_count",__view__="delta"}[1h]))'],
  ] as const)('of a %s with %j and the name %s is %s', (type, more, name, expected) => {
    expect(queryOf(type, more as unknown as Partial<PanelState>, SEVERAL, name)).toBe(expected);
  });

  it('has a window as long as a step', () => {
    expect(queryOf('counter', {}, SEVERAL, 'm', '90')).toContain('[90s]');
    expect(queryOf('counter', { see: 'rate' }, SEVERAL, 'm', '1w')).toContain('[1w])) / 604800');
  });

  it.each(['1mo', '1q', '1y'])('does not exist for steps of %s, whose length varies', (step) => {
    const { reason } = promqlOf(newPanel({ metric: 'm' }), { name: 'm', type: 'counter' }, step, SEVERAL);
    expect(reason).toBe(`A window of PromQL has a fixed length, but the length of ${step} varies.`);
    expect(queryOf('counter', { see: 'last' }, SEVERAL, 'm', step)).toBe('sum (m)');
  });
});
