import type { MetricType, Temporality } from '../metric/metric.js';
import { isMetricName } from '../../outside-text/name.js';
import { idChecksum } from './known-series.js';
import { mayHaveQuotedNames } from './label-set.js';
import { type SeriesKind, seriesKindOf } from './series-kind.js';

/** A metric with its known series, in memory. Only the catalog changes it. */
export class Metric {
  private readonly seriesByLabels = new Map<string, Series>();
  private changes = 0;
  private idsChecksum = 0;
  /** Undefined if the newest series was removed, and the next one is not known yet. */
  private newestId: number | undefined = 0;

  /** Known series by the text of their labels (see {@link Series.labelsText}), in the order in which they became known. */
  get series(): ReadonlyMap<string, Series> {
    return this.seriesByLabels;
  }

  /** Whether versions of Prometheus before 3 allow the name. */
  hasLegacyName: boolean;

  /**
   * True if a series has, or had, a label whose name is in quotes in {@link Series.labelsText}. In rare cases it is also true if
   * none has.
   */
  mayHaveQuotedLabels = false;

  /** True once the metric is deleted. The catalog no longer has it, and another metric may have its name. */
  isRemoved = false;

  /**
   * True if this process has no memory for some of its stored series, so that queries that need all its series can't be answered.
   */
  isIncomplete = false;

  /**
   * The token of its first known series, which is charged for the metric: null for no token, undefined before the first series.
   */
  firstTokenId: number | null | undefined;

  /**
   * @param nameId identifies the current name: the number of the latest rename, or the id if the metric was never renamed. It is
   * larger than the number of every metric that had the name before
   */
  constructor(
    readonly id: number,
    public name: string,
    readonly type: MetricType,
    readonly createdAt: Date,
    public temporality: Temporality | null,
    public help: string | null,
    public unit: string | null,
    public nameId = id,
  ) {
    this.hasLegacyName = isMetricName(name);
  }

  /** Gives the metric a new name. Its series stay the same objects, so code that holds them keeps working. */
  rename(name: string, nameId: number): void {
    this.name = name;
    this.nameId = nameId;
    this.hasLegacyName = isMetricName(name);
    this.changes++;
  }

  /** Adds a series, or replaces the one with the same labels. */
  addSeries(series: Series): void {
    const replaced = this.seriesByLabels.get(series.labelsText);
    if (replaced !== undefined) this.removeSeries(replaced);
    this.seriesByLabels.set(series.labelsText, series);
    this.changes++;
    this.idsChecksum += idChecksum(series.id);
    if (this.newestId !== undefined) this.newestId = Math.max(this.newestId, series.id);
    this.mayHaveQuotedLabels ||= mayHaveQuotedNames(series.labelsText);
  }

  removeSeries(series: Series): void {
    this.seriesByLabels.delete(series.labelsText);
    this.changes++;
    this.idsChecksum -= idChecksum(series.id);
    if (series.id === this.newestId) this.newestId = undefined;
  }

  /** The sum of {@link idChecksum} over its known series. */
  get seriesChecksum(): number {
    return this.idsChecksum;
  }

  /** The largest id among its known series; 0 if there are none. */
  get newestSeriesId(): number {
    return (this.newestId ??= newestIdOf(this.seriesByLabels.values()));
  }

  /**
   * Grows whenever a series is added or removed, or the metric is renamed. What a selector finds among the series is right for as long as
   * it stays the same.
   */
  get seriesChanges(): number {
    return this.changes;
  }
}

/** @returns the largest id, or 0 if there are no series */
function newestIdOf(series: Iterable<Series>): number {
  let newest = 0;
  for (const { id } of series) newest = Math.max(newest, id);
  return newest;
}

/** One metric with one exact set of labels, in memory. Only the catalog changes it. */
export class Series {
  readonly kind: SeriesKind;

  /** True for a delta counter. Its total must not fall, so negative deltas are refused, except for the sum of a histogram. */
  readonly canOnlyRise: boolean;

  /** This is a number, because a Date takes 96 bytes, which matters for a million series. */
  private readonly createdAtMs: number;

  private hasLeft = false;

  /**
   * True if the series belongs to a database that this process has left. Its id may now belong to another series, so it must not
   * be used to store or read anything.
   */
  isForeign = false;

  /**
   * @param id the key in Postgres and in the log
   * @param slot the index of this series in the arrays of the live values; no other current series has it, but a removed series
   * may have had it
   * @param labelsText the labels as the exposition writes them between the braces, sorted: `a="1",b="2"`; '' without labels
   * @param isScraped true for a series that Prometheus scraped elsewhere and sent by remote write. The exposition does not show
   * it, and in PromQL it has only its samples, as in Prometheus
   */
  constructor(
    readonly id: number,
    readonly slot: number,
    readonly metric: Metric,
    readonly labelsText: string,
    temporality: Temporality | null,
    readonly createdByTokenId: number | null,
    createdAt: Date,
    readonly isScraped = false,
  ) {
    this.createdAtMs = createdAt.getTime();
    this.kind = seriesKindOf(metric.type, temporality);
    this.canOnlyRise = this.kind === 'delta' && metric.type !== 'gauge';
  }

  /**
   * True once the series or its metric is forgotten or deleted. The catalog no longer has it, and another series may have its
   * slot. Running requests and a partly written exposition may still hold it.
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
