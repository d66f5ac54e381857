import type { Catalog } from '../../src/catalog/catalog.js';
import type { MetricType } from '../../src/catalog/metric/metric.js';
import { type OwnFamily, OwnMetrics } from '../../src/catalog/metric/own-metrics.js';
import { labelSetOf, labelsToText } from '../../src/catalog/series/label-set.js';
import { Metric, Series } from '../../src/catalog/series/series.js';
import { LiveValues } from '../../src/live-values/live-values.js';
import type { EscapingScheme } from '../../src/outside-text/escaped-name.js';
import type { ExpositionFormat } from '../../src/queries/exposition/format/exposition-format.js';
import { FamilyWriter } from '../../src/queries/exposition/format/family-writer.js';

/** A series in a test. A value of NaN is a stale marker. */
interface PushedSeries {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  readonly isCumulative?: boolean;
}

/** A metric in a test. */
export interface PushedMetric {
  readonly name: string;
  readonly type: MetricType;
  readonly unit?: string;
  readonly series?: readonly PushedSeries[];
}

/** The time at which all metrics and series of a page were created. */
export const CREATED_AT = new Date('2026-01-02T03:04:05Z');

/** Renders the exposition of a service to which exactly these metrics were pushed. */
export function pageOf(
  metrics: readonly PushedMetric[],
  format: ExpositionFormat,
  ownFamilies: readonly OwnFamily[] = [],
  escaping: EscapingScheme = 'underscores',
): string {
  const texts = pageTextsOf(metrics, format, ownFamilies, escaping);
  return [...texts, format === 'openmetrics' ? '# EOF\n' : ''].join('');
}

/** Renders the same exposition without its end mark, as separate texts. Other work can get a turn between two of them. */
export function pageTextsOf(
  metrics: readonly PushedMetric[],
  format: ExpositionFormat,
  ownFamilies: readonly OwnFamily[] = [],
  escaping: EscapingScheme = 'underscores',
): string[] {
  return [...pageInTurnsOf(metrics, format, ownFamilies, escaping).texts];
}

/** Renders the same texts, each when it is asked for. In between, metrics can be renamed, all in one step. */
export function pageInTurnsOf(
  metrics: readonly PushedMetric[],
  format: ExpositionFormat,
  ownFamilies: readonly OwnFamily[] = [],
  escaping: EscapingScheme = 'underscores',
): { texts: Generator<string>; rename: (names: Readonly<Record<string, string>>) => void } {
  const catalog = new Map<string, Metric>();
  const liveValues = new LiveValues();
  let slot = 0;
  for (const [id, { name, type, unit, series = [] }] of metrics.entries()) {
    const metric = new Metric(id, name, type, CREATED_AT, null, null, unit ?? null);
    catalog.set(name, metric);
    for (const { labels, value, isCumulative } of series) {
      const text = labelsToText(labelSetOf(labels));
      const temporality = type === 'counter' ? (isCumulative ? 'cumulative' : 'delta') : null;
      const each = new Series(slot, slot, metric, text, temporality, null, CREATED_AT);
      slot++;
      metric.addSeries(each);
      const values = Float64Array.of(value);
      liveValues.apply({ series: [each], values, timestamps: null, receivedAt: 1, writerId: 1, sequence: 1 });
    }
  }
  const writer = new FamilyWriter({
    catalog: {
      metrics: catalog.values(),
      utf8Metrics: new Map(
        [...catalog.values()].filter(({ hasLegacyName }) => !hasLegacyName).map((metric) => [metric.id, metric]),
      ),
      isComplete: true,
      findMetric: (name: string) => catalog.get(name),
    } as Partial<Catalog> as Catalog,
    liveValues,
    own: new OwnMetrics(),
    ownFamilies,
    format,
    escaping,
    hidesPushedBefore: 0,
  });
  const rename = (names: Readonly<Record<string, string>>) => {
    for (const [from, to] of Object.entries(names)) {
      const metric = catalog.get(from)!;
      catalog.delete(from);
      metric.rename(to, 1_000_000);
      catalog.set(to, metric);
    }
  };
  return { texts: writer.write(), rename };
}

/** Builds a counter with one series. */
export const counter = (name: string, value = 1, labels = {}): PushedMetric => ({
  name,
  type: 'counter',
  series: [{ labels, value }],
});

/** Builds a gauge with one series. */
export const gauge = (name: string, value = 1, labels = {}): PushedMetric => ({
  ...counter(name, value, labels),
  type: 'gauge',
});

/** Builds a histogram `h` with the given parts; the buckets are values by `le`. */
export const histogram = (buckets: Readonly<Record<string, number>>, sum?: number, count?: number): PushedMetric[] => [
  { name: 'h', type: 'histogram' },
  {
    name: 'h_bucket',
    type: 'counter',
    series: Object.entries(buckets).map(([le, value]) => ({ labels: { le }, value })),
  },
  ...(sum === undefined ? [] : [counter('h_sum', sum)]),
  ...(count === undefined ? [] : [counter('h_count', count)]),
];
