import { Counter, Histogram, register } from 'prom-client';
import type { NameRules } from '../../outside-text/name.js';
import type { MetricRow } from '../catalog.repository.js';
import type { MetricType } from '../metric/metric.js';
import { OwnMetrics } from '../metric/own-metrics.js';
import { planRename } from './rename-plan.js';
import { namesAskedFor, type SeriesFacts, StoredNames } from './stored-names.js';

const LEGACY: NameRules = { nameValidation: 'legacy', metricNameMaxLength: 40 };
const UTF8: NameRules = { nameValidation: 'utf8', metricNameMaxLength: 40 };
const PUSHED: SeriesFacts = { count: 1, pushedCount: 1, hasQuantiles: false };

/** The stored metrics, by name. A summary is a gauge with quantiles. */
const METRICS: Readonly<Record<string, MetricType | 'summary' | 'scraped'>> = {
  a_total: 'counter',
  level: 'gauge',
  h: 'histogram',
  h_bucket: 'counter',
  h_sum: 'counter',
  h_count: 'counter',
  empty: 'histogram',
  s: 'summary',
  s_sum: 'counter',
  s_count: 'counter',
  quantiles: 'summary',
  lone_sum: 'counter',
  x_bucket: 'gauge',
  taken_sum: 'counter',
  elsewhere: 'scraped',
};

const entries = Object.entries(METRICS);
const rows = entries.map(([name, type], index): MetricRow => {
  const known = type === 'summary' || type === 'scraped' ? 'gauge' : type;
  const described = { temporality: null, help: null, unit: null, created_at: new Date(0), rename_id: null };
  return { id: index + 1, name, type: known, ...described };
});
const facts = new Map(
  entries.map(([, type], index) => [
    index + 1,
    { ...PUSHED, hasQuantiles: type === 'summary', pushedCount: type === 'scraped' ? 0 : 1 },
  ]),
);

function plan(from: string, to: string, names = LEGACY): string[] {
  const asked = new Set(namesAskedFor({ from, to }));
  const stored = new StoredNames(
    rows.filter(({ name }) => asked.has(name)),
    facts,
  );
  return planRename({ from, to }, stored, { own: new OwnMetrics(), names }).map((each) => `${each.from} ${each.to}`);
}

describe('planRename', () => {
  beforeAll(() => {
    const options = { help: 'of a test', registers: [] };
    register.registerMetric(new Counter({ name: 'own_total', labelNames: ['route'], ...options }));
    register.registerMetric(new Histogram({ name: 'own_seconds', ...options }));
  });

  afterAll(() => register.clear());

  test.each([
    ['a_total', 'b_total', ['a_total b_total']],
    // A counter may lose its suffix, because its type is stored.
    ['a_total', 'a', ['a_total a']],
    ['level', 'level_total', ['level level_total']],
    ['level', 'h_created', ['level h_created']],
    ['h', 'g', ['h g', 'h_bucket g_bucket', 'h_sum g_sum', 'h_count g_count']],
    ['empty', 'full', ['empty full']],
    ['s', 't', ['s t', 's_sum t_sum', 's_count t_count']],
    ['lone_sum', 'other_sum', ['lone_sum other_sum']],
    // A summary has no gauges beside its quantiles.
    ['level', 'quantiles_sum', ['level quantiles_sum']],
    ['a_total', 'quantiles_bucket', ['a_total quantiles_bucket']],
    ['quantiles', 'x', ['quantiles x']],
    ['a_total', 'own_total', ['a_total own_total']],
    ['elsewhere', 'own_total', ['elsewhere own_total']],
  ])('%s becomes %s', (from, to, expected) => expect(plan(from, to)).toEqual(expected));

  test.each([
    ['unknown', 'b', 'There is no metric unknown'],
    ['a_total', 'level', 'There is already a gauge level'],
    ['h', 's', 'There is already a gauge s'],
    ['empty', 'x', 'There is already a gauge x_bucket'],
    // The counter belongs to no histogram yet, but would become a part of the renamed one.
    ['empty', 'taken', 'There is already a counter taken_sum'],
    ['s', 'lone', 'There is already a counter lone_sum'],
    ['a_total', 'quantiles_sum', 'quantiles_sum would belong to the summary quantiles'],
    ['quantiles', 'lone', 'There is already a counter lone_sum'],
    ['h_sum', 'b', 'h_sum belongs to the histogram h '],
    ['s_count', 'b', 's_count belongs to the summary s '],
    ['a_total', 'empty_sum', 'empty_sum would belong to the histogram empty'],
    ['level', 'h_bucket', 'There is already a counter h_bucket'],
    ['empty', 'h_sum', 'There is already a counter h_sum'],
    ['level', 'own_total', 'own_total is a counter of this service'],
    ['level', 'own_seconds_sum', 'own_seconds_sum belongs to the histogram own_seconds'],
    ['s', 'own_seconds', 'own_seconds is a histogram of this service'],
    ['level', 'up', 'Prometheus itself writes up'],
    ['h', 'x'.repeat(34), 'METRIC_NAME_MAX_LENGTH'],
    ['s', 'x'.repeat(36), 'at most 40 letters'],
  ])('refuses %s → %s: %s', (from, to, message) => expect(() => plan(from, to)).toThrow(message));

  it('allows names of any characters if the settings do', () => {
    expect(plan('h', 'größe.ms', UTF8)).toContain('h_sum größe.ms_sum');
    expect(() => plan('s', 'ß'.repeat(18), UTF8)).toThrow('40 bytes of UTF-8');
  });

  it('asks for no name that Postgres refuses', () => {
    expect(namesAskedFor({ from: 'a\0b', to: 'c' })).toEqual(['c', 'c_bucket', 'c_sum', 'c_count']);
  });
});
