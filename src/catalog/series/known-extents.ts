import type { KnownDatabase } from '../../database/known-database.js';
import { extentOfMetric, type MetricExtent } from './series-extent.js';
import type { Metric } from './series.js';
import type { SettledExtent, SettledExtents, StoredExtent } from './settled-extents.js';

/** The series of a metric that have to be counted to find out whether all of them are known. */
export interface CountedSeries {
  readonly metricId: number;
  /** Only series with larger ids have to be counted. */
  readonly aboveId: number;
}

/** The extents of some metrics as the catalog knew them at one moment. */
export class KnownExtents {
  private readonly generation: number;
  private readonly known: readonly {
    readonly metric: Metric;
    readonly extent: MetricExtent;
    readonly settled: SettledExtent | undefined;
  }[];

  constructor(
    metrics: readonly Metric[],
    private readonly settledExtents: SettledExtents,
    private readonly database: KnownDatabase,
  ) {
    this.generation = database.generation;
    this.known = metrics.map((metric) => ({
      metric,
      extent: extentOfMetric(metric),
      settled: settledExtents.of(metric),
    }));
  }

  /** What has to be counted in the database. */
  get wanted(): CountedSeries[] {
    return this.known.map(({ metric, settled }) => ({ metricId: metric.id, aboveId: settled?.aboveId ?? 0 }));
  }

  /**
   * Returns whether the catalog knew all series of the metrics, and their names.
   *
   * @param stored what was {@link wanted}, by the ids of the metrics; metrics that no longer exist may be missing
   */
  areStill(stored: ReadonlyMap<number, StoredExtent>): boolean {
    if (this.generation !== this.database.generation) return false;
    return this.known.every(({ metric, extent, settled }) => {
      const now = stored.get(metric.id);
      return now !== undefined && this.settledExtents.confirms(metric, extent, settled, now);
    });
  }
}
