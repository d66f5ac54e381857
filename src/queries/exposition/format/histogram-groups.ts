import { bucketBoundOf, HISTOGRAM_SUFFIX } from '../../../catalog/metric/histogram-family.js';
import { labelsFromText, labelSetOf, labelsToText } from '../../../catalog/series/label-set.js';
import type { Metric, Series } from '../../../catalog/series/series.js';
import type { LiveValues } from '../../../live-values/live-values.js';
import { type ExpositionFormat, formatSample } from './exposition-format.js';
import type { LabelTexts } from './page-labels.js';

/** The label that holds the bound of a bucket. */
const BOUND = 'le';

type PartSuffix = (typeof HISTOGRAM_SUFFIX)[keyof typeof HISTOGRAM_SUFFIX];

/** A histogram in the catalog, and how the exposition shows it. */
export interface ShownHistogram {
  readonly name: string;
  /** Its counters. All are looked up before the first is read, because the histogram may be renamed while it is being written. */
  readonly parts: ReadonlyMap<PartSuffix, Metric | undefined>;
  /** Returns the name of the samples with a suffix, as the exposition writes it. */
  readonly textOf: (suffix: PartSuffix) => string;
  /** Converts the labels of a series to those that are shown; undefined if they are shown unchanged. */
  readonly labelTexts: LabelTexts | undefined;
}

/** The series of a histogram that share all labels except `le`. */
interface Group {
  readonly labelsText: string;
  readonly buckets: { readonly bound: number; readonly series: Series }[];
  sum?: Series;
  count?: Series;
}

/** The values of a group at one moment. */
interface GroupValues {
  readonly buckets: readonly { readonly bound: number; readonly labelsText: string; readonly value: number }[];
  readonly sum: number | undefined;
  readonly count: number | undefined;
}

/**
 * Groups the visible series of a histogram by their labels, and writes the groups.
 *
 * A series that no histogram can have, such as a bucket without a bound, may have been pushed before the histogram was declared.
 * It is left out, because it would make the exposition invalid. Clients can use different bounds. Each bound counts only the
 * observations sent for it, which may be fewer than those sent for a lower bound. A bucket is therefore shown with at least the
 * count of the one below it, as `histogram_quantile` also assumes; this never makes the count of a bucket decrease. `+Inf` is
 * the count, which every client sends.
 */
export class HistogramGroups {
  private readonly groups = new Map<string, Group>();
  private readonly labelTexts: LabelTexts | undefined;

  private readonly nameTexts: ReadonlyMap<PartSuffix, string>;

  private constructor(
    { textOf, labelTexts }: ShownHistogram,
    private readonly liveValues: LiveValues,
  ) {
    this.nameTexts = new Map(Object.values(HISTOGRAM_SUFFIX).map((suffix) => [suffix, textOf(suffix)]));
    this.labelTexts = labelTexts;
  }

  /** Gathers the groups, and yields empty texts in between, so that other work can get a turn. */
  static *gather(
    histogram: ShownHistogram,
    liveValues: LiveValues,
    isHidden: (name: string, labelsText: string) => boolean,
  ): Generator<'', HistogramGroups> {
    const { name, parts } = histogram;
    const gathered = new HistogramGroups(histogram, liveValues);
    for (const [suffix, metric] of parts) {
      for (const series of metric?.series.values() ?? []) {
        yield '';
        if (series.isScraped) continue;
        if (liveValues.has(series) && !isHidden(name + suffix, series.labelsText)) gathered.add(suffix, series);
      }
    }
    for (const { buckets } of gathered.groups.values()) {
      yield '';
      buckets.sort((a, b) => a.bound - b.bound);
    }
    return gathered;
  }

  get isEmpty(): boolean {
    return this.groups.size === 0;
  }

  /** Returns whether some series of the histogram have these labels, which are given without `le`. */
  has(labelsText: string): boolean {
    return this.groups.has(labelsText);
  }

  /** Returns whether all groups can be written as samples of one histogram. Yields empty texts in between like {@link gather}. */
  *areLegal(format: ExpositionFormat): Generator<'', boolean> {
    for (const group of this.groups.values()) {
      yield '';
      const values = this.read(group);
      if (values !== undefined && !isLegal(values, format)) return false;
    }
    return true;
  }

  /**
   * Writes one group after another, each as a histogram: buckets in ascending order of their bounds, sum and count. Values may
   * have changed since the call of {@link areLegal}; a group that is no longer legal is left out of this exposition.
   *
   * @param more returns further lines for a group, by its labels in the catalog and in the exposition
   */
  *writeWhole(format: ExpositionFormat, more: (labelsText: string, shownLabels: string) => string): Generator<string> {
    for (const group of this.groups.values()) {
      const values = this.read(group);
      if (values === undefined || !isLegal(values, format)) continue;
      const parts = Object.values(HISTOGRAM_SUFFIX).map((suffix) => this.linesOf(suffix, group, values));
      const shownLabels = this.shown(group.labelsText);
      if (shownLabels !== undefined) yield parts.join('') + more(group.labelsText, shownLabels);
    }
  }

  /** Writes the samples with one suffix, group by group. */
  *writePart(suffix: PartSuffix): Generator<string> {
    for (const group of this.groups.values()) {
      const values = this.read(group);
      if (values !== undefined) yield this.linesOf(suffix, group, values);
    }
  }

  private linesOf(suffix: PartSuffix, { labelsText }: Group, { buckets, sum, count }: GroupValues): string {
    const nameText = this.nameTexts.get(suffix)!;
    const line = (labels: string, value: number) => {
      const shownLabels = this.shown(labels);
      return shownLabels === undefined ? '' : formatSample(nameText, shownLabels, value);
    };
    if (suffix === HISTOGRAM_SUFFIX.bucket) {
      return buckets.map((bucket) => line(bucket.labelsText, bucket.value)).join('');
    }
    const value = suffix === HISTOGRAM_SUFFIX.sum ? sum : count;
    return value === undefined ? '' : line(labelsText, value);
  }

  private shown(labelsText: string): string | undefined {
    return this.labelTexts ? this.labelTexts(labelsText) : labelsText;
  }

  /**
   * Reads a group. Returns undefined if one of its series was removed or became stale after it was gathered, which can happen
   * because an exposition is written in many turns.
   */
  private read({ labelsText, buckets, sum, count }: Group): GroupValues | undefined {
    const isGone = (series: Series | undefined) => series !== undefined && !this.liveValues.has(series);
    if (isGone(sum) || isGone(count) || buckets.some(({ series }) => isGone(series))) return undefined;
    let atLeast = -Infinity;
    const shown: GroupValues['buckets'][number][] = [];
    for (const { bound, series } of buckets) {
      if (bound === Infinity && count !== undefined) continue;
      atLeast = Math.max(atLeast, this.liveValues.valueOf(series));
      shown.push({ bound, labelsText: series.labelsText, value: atLeast });
    }
    const infinities = shown.filter(({ bound }) => bound === Infinity).length;
    if (count !== undefined) atLeast = Math.max(atLeast, this.liveValues.valueOf(count));
    // A single infinite bucket is written as +Inf, regardless of the spelling that its client used.
    if (count !== undefined || infinities === 1) {
      if (infinities === 1) shown.pop();
      const labels = labelSetOf({ ...labelsFromText(labelsText), [BOUND]: '+Inf' });
      shown.push({ bound: Infinity, labelsText: labelsToText(labels), value: atLeast });
    }
    return {
      buckets: shown,
      sum: sum && this.liveValues.valueOf(sum),
      count: count && atLeast,
    };
  }

  private add(suffix: PartSuffix, series: Series): void {
    const { [BOUND]: bound, ...labels } = labelsFromText(series.labelsText);
    if (suffix !== HISTOGRAM_SUFFIX.bucket) {
      if (bound !== undefined) return;
      const group = this.groupOf(series.labelsText);
      if (suffix === HISTOGRAM_SUFFIX.sum) group.sum = series;
      else group.count = series;
      return;
    }
    const number = bucketBoundOf(bound ?? '');
    if (Number.isNaN(number)) return;
    this.groupOf(labelsToText(labelSetOf(labels))).buckets.push({ bound: number, series });
  }

  private groupOf(labelsText: string): Group {
    let group = this.groups.get(labelsText);
    if (group === undefined) this.groups.set(labelsText, (group = { labelsText, buckets: [] }));
    return group;
  }
}

/**
 * Returns whether a group is a histogram by the specification of the format. In both formats, the last bucket is `+Inf`, and no
 * bound occurs twice. In OpenMetrics, `_sum` and `_count` must both be present or both be absent, the values of buckets are whole
 * numbers of at least 0, and a sum is allowed only if it is at least 0 and no observation can be negative.
 */
function isLegal({ buckets, sum, count }: GroupValues, format: ExpositionFormat): boolean {
  if (buckets.at(-1)?.bound !== Infinity) return false;
  if (buckets.some(({ bound }, index) => bound === buckets[index - 1]?.bound)) return false;
  if (format === 'text') return true;
  if ((sum === undefined) !== (count === undefined)) return false;
  if (sum !== undefined && !(sum >= 0 && buckets[0]!.bound >= 0)) return false;
  return buckets.every(({ value }) => Number.isInteger(value) && value >= 0);
}
