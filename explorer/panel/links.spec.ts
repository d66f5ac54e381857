import { curlOf, promqlOf } from './links.js';
import { newPanel, type PanelState } from './panel-state.js';

const panel = (more: Partial<PanelState>) => ({ ...newPanel({ metric: 'm_total' }), ...more });
const metric = (type: 'counter' | 'gauge' | 'histogram', name = 'm_total') => ({
  name,
  type,
  temporality: null,
  help: null,
  unit: null,
  seriesCount: 1,
  lastPushAt: null,
});

describe('the PromQL of a panel', () => {
  it.each([
    ['counter', {}, 'sum (sum_over_time(m_total{__view__="delta"}[1h]))'],
    ['counter', { by: ['country'] }, 'sum by (country) (sum_over_time(m_total{__view__="delta"}[1h]))'],
    ['counter', { see: 'rate', filters: ['a=x'] }, 'sum (rate(m_total{a="x"}[1h]))'],
    ['counter', { see: 'last', filters: ['a=x.y', 'a=z'] }, String.raw`sum (m_total{a=~"x\\.y|z"})`],
    ['gauge', {}, 'avg (avg_over_time(m_total[1h]))'],
    ['gauge', { see: 'p95' }, 'avg (quantile_over_time(0.95, m_total[1h]))'],
    ['histogram', {}, 'histogram_quantile(0.95, sum by (le) (sum_over_time(m_total_bucket{__view__="delta"}[1h])))'],
    ['histogram', { see: 'count' }, 'sum (sum_over_time(m_total_count{__view__="delta"}[1h]))'],
  ] as const)('of a %s with %j is %s', (type, more, expected) => {
    expect(promqlOf(panel(more as Partial<PanelState>), metric(type), '1h')).toBe(expected);
  });

  it('quotes what a label value may contain', () => {
    const text = promqlOf(panel({ see: 'last', filters: ['a=say "hi"\\'] }), metric('counter'), '1h');
    expect(text).toBe(String.raw`sum (m_total{a="say \"hi\"\\"})`);
  });
});

describe('the PromQL of a metric with a name of any characters', () => {
  it.each([
    ['gauge', { see: 'last' }, 'my.metric', 'sum ({"my.metric"})'],
    ['counter', { see: 'rate', filters: ['a=x'] }, 'a "b"', String.raw`sum (rate({"a \"b\"",a="x"}[1h]))`],
    ['counter', { by: ['a', 'größe'] }, '花火', 'sum by (a, "größe") (sum_over_time({"花火",__view__="delta"}[1h]))'],
    ['gauge', { see: 'last', filters: ['a.b=x', 'a.b=y'] }, 'legal:name', 'sum (legal:name{"a.b"=~"x|y"})'],
    ['histogram', { see: 'count' }, 'http.time', 'sum (sum_over_time({"http.time_count",__view__="delta"}[1h]))'],
  ] as const)('of a %s with %j and the name %s', (type, more, name, expected) => {
    expect(promqlOf(panel(more as unknown as Partial<PanelState>), metric(type, name), '1h')).toBe(expected);
  });
});

describe('the curl of a panel', () => {
  it('holds the place of the token, and no quote that would end its address', () => {
    expect(curlOf("http://localhost:3000/api/history/query?label=a%3Dit's")).toBe(
      `curl -sS -H "Authorization: $READ_TOKEN" 'http://localhost:3000/api/history/query?label=a%3Dit%27s'`,
    );
  });
});
