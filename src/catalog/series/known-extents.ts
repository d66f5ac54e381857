import type { KnownDatabase } from '../../database/known-database.js';
import type { Series } from './series.js';

/** The number of some series, and the largest id among them; 0 if there are none. */
export interface SeriesExtent {
  readonly count: number;
  readonly newestId: number;
}

/** The extent of the series of one metric, and the current name of the metric. */
export interface MetricExtent extends SeriesExtent {
  /** The number that identifies the current name, see `nameId` of {@link Metric}; undefined if the metric no longer exists. */
  readonly nameId: number | undefined;
}

export function extentOf(series: Iterable<Series>): SeriesExtent {
  let count = 0;
  let newestId = 0;
  for (const { id } of series) {
    count++;
    newestId = Math.max(newestId, id);
  }
  return { count, newestId };
}

/** The extents of some metrics as the catalog knew them at one moment. */
export class KnownExtents {
  private readonly generation: number;

  /** @param byMetric the extents by the ids of the metrics */
  constructor(
    private readonly byMetric: ReadonlyMap<number, MetricExtent>,
    private readonly database: KnownDatabase,
  ) {
    this.generation = database.generation;
  }

  get metricIds(): number[] {
    return [...this.byMetric.keys()];
  }

  /**
   * Returns whether the catalog knew all series of the metrics, and their names.
   *
   * @param stored the extents in the database; metrics that no longer exist may be missing
   */
  areStill(stored: ReadonlyMap<number, MetricExtent>): boolean {
    if (this.generation !== this.database.generation) return false;
    for (const [metricId, known] of this.byMetric) {
      const now = stored.get(metricId);
      if (now === undefined || !areSame(known, now)) return false;
    }
    return true;
  }
}

/** Returns whether a metric has the same name and the same series in two extents. */
export function areSame(a: MetricExtent, b: MetricExtent): boolean {
  return a.nameId === b.nameId && a.count === b.count && a.newestId === b.newestId;
}
