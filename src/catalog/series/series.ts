import type { Metric, Temporality } from '../metric/metric.js';

/**
 * How samples of a series act on its live value: added, or the newest one holds. A gauge may take changes, too: then it is
 * `delta`, and may fall.
 */
export type SeriesKind = 'delta' | 'cumulative' | 'gauge';

/** One metric and one exact set of labels, in memory. Owned by the catalog; others read it. */
export class Series {
  readonly kind: SeriesKind;

  /** A counter that takes deltas: a negative one would make it fall. */
  readonly canOnlyRise: boolean;

  /** A number, because a Date takes 96 bytes, which a million series would pay for. */
  private readonly createdAtMs: number;

  /**
   * Forgotten or deleted: the catalog does not know it any more, and its slot may be another's by now. Requests under way
   * and a page half written may still hold it.
   */
  isRemoved = false;

  /**
   * Of a database that this process does not work on any more: its id may be that of another series now. Nothing may be
   * stored or read by it.
   */
  isForeign = false;

  /**
   * @param id the key in Postgres and in the log
   * @param slot a small number, the index of this series in the arrays of the live values; no other series of the catalog
   *   has it, but a removed one may have had it
   * @param labelsText the labels as the exposition writes them between the braces, sorted: `a="1",b="2"`; '' without labels
   */
  constructor(
    readonly id: number,
    readonly slot: number,
    readonly metric: Metric,
    readonly labelsText: string,
    temporality: Temporality | null,
    readonly createdByTokenId: number | null,
    createdAt: Date,
  ) {
    this.createdAtMs = createdAt.getTime();
    this.kind = metric.type === 'gauge' && temporality !== 'delta' ? 'gauge' : (temporality ?? 'delta');
    this.canOnlyRise = this.kind === 'delta' && metric.type !== 'gauge';
  }

  get createdAt(): Date {
    return new Date(this.createdAtMs);
  }
}
