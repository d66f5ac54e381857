import type { KnownDatabase } from '../../database/known-database.js';
import type { Series } from './series.js';

/** The number of some series, and the largest id among them; 0 if there are none. */
export interface SeriesExtent {
  readonly count: number;
  readonly newestId: number;
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
    private readonly byMetric: ReadonlyMap<number, SeriesExtent>,
    private readonly database: KnownDatabase,
  ) {
    this.generation = database.generation;
  }

  get metricIds(): number[] {
    return [...this.byMetric.keys()];
  }

  /**
   * Returns whether the catalog knew all series of the metrics.
   *
   * @param stored the extents in the database; metrics without series may be missing
   */
  areStill(stored: ReadonlyMap<number, SeriesExtent>): boolean {
    if (this.generation !== this.database.generation) return false;
    for (const [metricId, { count, newestId }] of this.byMetric) {
      const now = stored.get(metricId);
      if (count !== (now?.count ?? 0) || newestId !== (now?.newestId ?? 0)) return false;
    }
    return true;
  }
}
