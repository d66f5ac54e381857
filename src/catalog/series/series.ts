import type { MetricType, Temporality } from '../metric/metric.js';
import { type SeriesKind, seriesKindOf } from './series-kind.js';

/** A metric with its known series, in memory. Owned by the catalog; others read it. */
export class Metric {
  /** By the text of their labels (see {@link Series.labelsText}); in the order of their ids. */
  readonly series = new Map<string, Series>();

  /** Deleted: the catalog does not know it any more, and another metric may have its name. */
  isRemoved = false;

  /** Series of it are stored that this process has no memory for; what is asked of all of them can't be answered here. */
  isIncomplete = false;

  /** Who pushed the first series that is known, and is charged for the metric; null for nobody, undefined before there is one. */
  firstTokenId: number | null | undefined;

  constructor(
    readonly id: number,
    readonly name: string,
    readonly type: MetricType,
    readonly createdAt: Date,
    public temporality: Temporality | null,
    public help: string | null,
    public unit: string | null,
  ) {}
}

/** One metric and one exact set of labels, in memory. Owned by the catalog; others read it. */
export class Series {
  readonly kind: SeriesKind;

  /** A counter that takes deltas: a negative one would make it fall. */
  readonly canOnlyRise: boolean;

  /** A number, because a Date takes 96 bytes, which a million series would pay for. */
  private readonly createdAtMs: number;

  private hasLeft = false;

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
    this.kind = seriesKindOf(metric.type, temporality);
    this.canOnlyRise = this.kind === 'delta' && metric.type !== 'gauge';
  }

  /**
   * Forgotten or deleted, by itself or with its metric: the catalog does not know it any more, and its slot may be another's by
   * now. Requests under way and a page half written may still hold it.
   */
  get isRemoved(): boolean {
    return this.hasLeft || this.metric.isRemoved;
  }

  set isRemoved(isRemoved: boolean) {
    this.hasLeft = isRemoved;
  }

  get createdAt(): Date {
    return new Date(this.createdAtMs);
  }
}
