import type { MetricType } from '../../src/catalog/metric/metric.js';
import { Metric } from '../../src/catalog/series/series.js';
import { Series } from '../../src/catalog/series/series.js';
import type { SeriesKind } from '../../src/catalog/series/series-kind.js';
import { completeOptions, type CustomMetricsOptions } from '../../src/custom-metrics.options.js';
import { DatabaseClock } from '../../src/database/database-clock.js';
import { ReadLimiter } from '../../src/queries/history/read-limiter.js';
import { SampleScan } from '../../src/queries/history/sample-scan.js';
import type { SeriesSamples } from '../../src/sample-store/reading/columns/series-samples.js';
import { type SampleQuery, TooManySamplesError } from '../../src/sample-store/reading/read-samples.js';
import type { SampleReader } from '../../src/sample-store/reading/sample-reader.js';
import type { SeriesSelection } from '../../src/queries/selection/series-selection.js';

/** The current time in tests, which is at the beginning of a day. */
export const NOW = Date.parse('2026-11-24T00:00:00Z');

/** A pushed sample. Tests list them in the order of the log. */
export interface Pushed {
  /** The index of the series. */
  readonly series: number;
  /** The time in milliseconds since the epoch. */
  readonly at: number;
  /** The value; NaN is a stale marker. */
  readonly value: number;
}

export function metricOf(type: MetricType, name = 'tested'): Metric {
  return new Metric(1, name, type, new Date(NOW - 1_000_000), null, null, null);
}

/** Returns series of one metric with the label `app`, created at the given time. */
export function seriesOf(metric: Metric, kinds: readonly SeriesKind[], createdAt = NOW - 1_000_000): Series[] {
  return kinds.map((kind, index) => {
    const temporality = kind === 'gauge' ? null : kind;
    const labelsText = `app="${index}",half="${index % 2}"`;
    const series = new Series(index + 1, index, metric, labelsText, temporality, null, new Date(createdAt));
    metric.addSeries(series);
    return series;
  });
}

/**
 * Reads samples from a list. A read of more than one series fails if it finds more than `capacity` samples, so that scans have to
 * split their range.
 */
export class FakeSampleReader {
  readonly queries: SampleQuery[] = [];

  constructor(
    private readonly series: readonly Series[],
    private readonly pushed: readonly Pushed[],
    private readonly capacity = Infinity,
  ) {}

  async read(query: SampleQuery): Promise<SeriesSamples[]> {
    await Promise.resolve();
    this.queries.push(query);
    const bySeries = new Map<Series, Pushed[]>(this.series.map((series) => [series, []]));
    for (const sample of this.pushed) bySeries.get(this.series[sample.series]!)!.push(sample);
    const found = query.series.map((series) => {
      const own = (bySeries.get(series) ?? []).toSorted((a, b) => a.at - b.at);
      const within = own.filter(({ at }) => at >= query.from && at < query.to);
      const older = own.filter(({ at }) => at < query.from).map(({ value }) => value);
      const deltas = older.filter((value) => !Number.isNaN(value));
      const total = deltas.length === 0 ? undefined : deltas.reduce((sum, value) => sum + value, 0);
      const last = Number.isNaN(older.at(-1) ?? NaN) ? undefined : older.at(-1);
      return {
        series,
        timestamps: Float64Array.from(within, ({ at }) => at),
        values: Float64Array.from(within, ({ value }) => value),
        before: { value: query.needsBefore ? (series.kind === 'delta' ? total : last) : undefined, at: undefined },
      };
    });
    const allowed = query.series.length === 1 ? query.maxSamples : Math.min(query.maxSamples, this.capacity);
    if (found.reduce((count, { values }) => count + values.length, 0) > allowed) {
      const times = Float64Array.from(found.flatMap(({ timestamps }) => [...timestamps.subarray(0, allowed)]));
      throw new TooManySamplesError(allowed, times.toSorted());
    }
    return query.onlyWithSamples === true ? found.filter(({ values }) => values.length > 0) : found;
  }
}

/** Returns the arguments for the constructor of a history service that reads from a {@link FakeSampleReader}. */
export function historyOf(
  metric: Metric,
  series: readonly Series[],
  reader: FakeSampleReader,
  history: Partial<CustomMetricsOptions['history']> = {},
): [SeriesSelection, SampleScan, ReadLimiter, DatabaseClock, CustomMetricsOptions] {
  const options = completeOptions({ history });
  const limiter = new ReadLimiter(options);
  const clock = new DatabaseClock();
  clock.now = () => NOW;
  const selected = () => ({ metric, series });
  const selection = { select: selected, selectObserved: selected, all: () => [...series] };
  return [
    selection as unknown as SeriesSelection,
    new SampleScan(reader as unknown as SampleReader, limiter, options),
    limiter,
    clock,
    options,
  ];
}

/** Reads a JSON answer that is returned in parts. */
export async function readJson<T>(parts: Promise<AsyncIterable<string>>): Promise<T> {
  let text = '';
  for await (const part of await parts) text += part;
  return JSON.parse(text) as T;
}
