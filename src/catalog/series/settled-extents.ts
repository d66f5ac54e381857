import type { KnownDatabase } from '../../database/known-database.js';
import { areSame, type MetricExtent } from './series-extent.js';
import type { Metric } from './series.js';

/** The extent of the newer series of a metric in the database, and what shows whether the older ones have changed. */
export interface StoredExtent extends MetricExtent {
  /** Differs after each change of the metric's row, which every removal and restoration of one of its series causes. */
  readonly version: number;
  /** All transactions with smaller ids had ended. */
  readonly oldestRunning: number;
  /** No transaction with this id or a larger one had begun to write. */
  readonly nextTransaction: number;
}

/** The older series of a metric, among which there will be no new ones. */
export interface SettledExtent {
  /** The largest of their ids. */
  readonly aboveId: number;
  readonly count: number;
  readonly checksum: number;
  readonly version: number;
  /** The place of the database, which changes when Postgres is restarted or another server takes its place. */
  readonly place: string | null;
}

/** A newest series, and when it was seen first. */
interface Seen {
  readonly newestId: number;
  readonly nextTransaction: number;
}

/**
 * Remembers up to which id the series of each metric are settled, so that a query need not count all series of its metrics to be
 * sure that it knows them. Counting 10,000 takes Postgres 2 ms, longer than the rest of a small query.
 *
 * Ids are assigned in ascending order, but a transaction may commit its series after one with larger ids. It has written to
 * the database before it gets an id, because it locks the metric first (see CreationRepository). So once all transactions have
 * ended that had begun to write when a series was seen, no further series with a smaller id can appear. Removing or restoring a series
 * changes the row of its metric, after which everything is counted again.
 */
export class SettledExtents {
  private readonly settled = new WeakMap<Metric, SettledExtent>();
  private readonly seen = new WeakMap<Metric, Seen>();

  constructor(private readonly database: KnownDatabase) {}

  of(metric: Metric): SettledExtent | undefined {
    return this.settled.get(metric);
  }

  /**
   * Returns whether a metric has the same name and the same series in the catalog and in the database.
   *
   * @param known the extent that the catalog knew before the database was asked
   * @param settled the result of {@link of} from that moment; only series with larger ids were counted
   */
  confirms(metric: Metric, known: MetricExtent, settled: SettledExtent | undefined, stored: StoredExtent): boolean {
    if (settled !== undefined && (settled.version !== stored.version || settled.place !== this.database.place)) {
      this.settled.delete(metric);
      return false;
    }
    const now = {
      nameId: stored.nameId,
      count: stored.count + (settled?.count ?? 0),
      newestId: Math.max(stored.newestId, settled?.aboveId ?? 0),
      checksum: stored.checksum + (settled?.checksum ?? 0),
    };
    if (!areSame(known, now)) {
      // A process of an older version restores series without changing the row of the metric. Only the catalog has learned of them.
      if (known.count > now.count) this.settled.delete(metric);
      return false;
    }
    this.learn(metric, now, stored);
    return true;
  }

  private learn(metric: Metric, { count, newestId, checksum }: MetricExtent, stored: StoredExtent): void {
    const { version, oldestRunning, nextTransaction } = stored;
    const seen = this.seen.get(metric);
    if (seen?.newestId !== newestId) this.seen.set(metric, { newestId, nextTransaction });
    else if (oldestRunning >= seen.nextTransaction) {
      this.settled.set(metric, { aboveId: newestId, count, checksum, version, place: this.database.place });
    }
  }
}
