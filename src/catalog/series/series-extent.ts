import type { Metric } from './series.js';

/** Identifies a set of series without listing them. */
export interface SeriesExtent {
  readonly count: number;
  /** The largest id; 0 if there are no series. */
  readonly newestId: number;
  /** The sum of the checksums of the ids, see {@link Metric.seriesChecksum}. With the number alone, a removed series could stand for a new one. */
  readonly checksum: number;
}

/** The extent of the series of one metric, and the current name of the metric. */
export interface MetricExtent extends SeriesExtent {
  /** The number that identifies the current name, see `nameId` of {@link Metric}; undefined if the metric no longer exists. */
  readonly nameId: number | undefined;
}

export function extentOfMetric({ nameId, series, newestSeriesId, seriesChecksum }: Metric): MetricExtent {
  return { nameId, count: series.size, newestId: newestSeriesId, checksum: seriesChecksum };
}

/** Returns the extent of all series of some metrics. */
export function extentOfAll(metrics: Iterable<Metric>): SeriesExtent {
  let count = 0;
  let newestId = 0;
  let checksum = 0;
  for (const { series, newestSeriesId, seriesChecksum } of metrics) {
    count += series.size;
    newestId = Math.max(newestId, newestSeriesId);
    checksum += seriesChecksum;
  }
  return { count, newestId, checksum };
}

/** Returns whether two extents are those of the same series. */
export function haveSameSeries(a: SeriesExtent, b: SeriesExtent): boolean {
  return a.count === b.count && a.newestId === b.newestId && a.checksum === b.checksum;
}

/** Returns whether a metric has the same name and the same series in two extents. */
export function areSame(a: MetricExtent, b: MetricExtent): boolean {
  return a.nameId === b.nameId && haveSameSeries(a, b);
}
