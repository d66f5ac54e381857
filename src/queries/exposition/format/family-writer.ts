import { HISTOGRAM_SUFFIX, histogramOf } from '../../../catalog/metric/histogram-family.js';
import { labelsFromText } from '../../../catalog/series/label-set.js';
import type { Metric } from '../../../catalog/series/series.js';
import { CREATED_SUFFIX, TOTAL_SUFFIX } from '../../../catalog/metric/metric-suffix.js';
import type { Series } from '../../../catalog/series/series.js';
import { HistogramGroups } from './histogram-groups.js';
import { OpenMetricsNames } from './openmetrics-names.js';
import type { OwnFamily } from '../../../catalog/metric/own-metrics.js';
import type { FamilyType } from '../../../catalog/metric/family-type.js';
import { formatHeader, formatSample } from './exposition-format.js';
import { formatOwn, identityOf, isLegalOwn } from './own-samples.js';
import type { PageContents } from './page-contents.js';
import { PageNames } from './page-names.js';

const PUSHED_HELP = 'Custom metric';

/** The suffixes of the samples of a histogram or summary. In a summary, the samples without a suffix are its quantiles. */
const PARTS = { histogram: Object.values(HISTOGRAM_SUFFIX), summary: ['', '_sum', '_count'] } as const;

/** The metrics that are shown under one name: a metric of the service itself, a pushed one, or both. */
interface Family {
  /** The name in the catalog. */
  readonly name: string;
  /** The name that the exposition shows. */
  readonly shownName: string;
  readonly type: FamilyType;
  readonly help: string;
  readonly unit: string | null;
  readonly own: OwnFamily | undefined;
  readonly metric: Metric | undefined;
}

/** The form in which a counter, histogram or summary is written as one family. */
interface Form {
  /** The name of the family. For a counter in OpenMetrics, it is the shown name without `_total`. */
  readonly name: string;
  /** A pushed gauge whose series are written as the `_created` samples of the family. */
  readonly created: Metric | undefined;
}

/**
 * Writes the families of one exposition. The exposition is legal whatever names and values were pushed. If the format cannot
 * represent a family, its samples are written under their own names, with the type `unknown` in OpenMetrics and `counter` in the
 * text format. The type is lost, but no series is.
 */
export class FamilyWriter {
  private readonly ownFamilies: ReadonlyMap<string, OwnFamily>;
  private readonly names: PageNames;
  private readonly openMetricsNames: OpenMetricsNames;
  private readonly metrics: readonly (readonly [metric: Metric, name: string])[];
  /**
   * The form of each metric by name, or null if the format cannot represent the metric as one family. A form does not change
   * during an exposition.
   */
  private readonly forms = new Map<string, Form | null>();

  constructor(private readonly page: PageContents) {
    this.ownFamilies = new Map(page.ownFamilies.map((family) => [family.name, family]));
    this.names = new PageNames(page.catalog, this.ownFamilies, page.escaping);
    this.openMetricsNames = new OpenMetricsNames((shownName) => this.names.typeOf(shownName));
    // The metrics are copied, because no name is chosen for a metric that is created during the rendering, and because a metric
    // that is deleted and created again must not appear twice. One that is renamed meanwhile is left out for the same reasons.
    this.metrics = Array.from(page.catalog.metrics, (metric) => [metric, metric.name] as const);
  }

  /**
   * Writes everything except the end mark. Yields short texts, at most the lines of one series or of one group of a histogram at
   * a time. Some of them are empty, so that the caller can also pause while series without output are read.
   */
  *write(): Generator<string> {
    yield* this.names.choose();
    for (const name of this.ownFamilies.keys()) yield* this.writeFamily(this.familyOf(name));
    for (const [metric, name] of this.metrics) {
      if (metric.isRemoved || metric.name !== name || this.ownFamilies.has(name)) continue;
      if (histogramOf(name, this.page.catalog) !== undefined || !this.canBeShown(metric)) continue;
      if (yield* this.isWrittenAsCreated(metric)) continue;
      yield* this.writeFamily(this.familyOf(name, metric));
    }
  }

  private familyOf(name: string, pushed = this.page.catalog.findMetric(name)): Family {
    const own = this.ownFamilies.get(name);
    const metric = pushed !== undefined && this.canBeShown(pushed) ? pushed : undefined;
    const type = own?.type ?? metric?.type ?? 'unknown';
    const help = own?.help ?? metric?.help ?? PUSHED_HELP;
    const unit = own === undefined ? (metric?.unit ?? null) : null;
    return { name, shownName: this.names.shownNameOf(name), type, help, unit, own, metric };
  }

  private *writeFamily(family: Family): Generator<string> {
    if (family.type === 'histogram' || family.type === 'summary') yield* this.writeHistogram(family, family.type);
    else yield* this.writeSimple(family);
  }

  private *writeSimple(family: Family): Generator<string> {
    const { name, shownName, type, help, unit, own, metric } = family;
    const isCounterOfOpenMetrics = type === 'counter' && this.page.format === 'openmetrics';
    const form = isCounterOfOpenMetrics ? yield* this.formOf(family) : undefined;
    // In the text format too, the parser of the Python client removes the suffix `_total` from the name of a counter. It rejects
    // a counter with exactly this name, because the remaining name would be empty.
    const isUnknown = (isCounterOfOpenMetrics && !form) || (type === 'counter' && shownName === TOTAL_SUFFIX);
    let headerText = this.headerOf(form?.name ?? shownName, isUnknown ? 'unknown' : type, help, unit);
    const nameText = this.names.textOf(shownName);
    const labelTexts = yield* this.names.labelTextsOf([metric], own);
    for (const sample of own?.samples ?? []) {
      yield headerText + formatOwn(sample);
      headerText = '';
    }
    for (const series of this.visibleSeriesOf(metric, name)) {
      if (series === undefined) {
        yield '';
        continue;
      }
      const value = this.page.liveValues.valueOf(series);
      // The value may have changed since the form was chosen.
      if (form && !(value >= 0)) continue;
      const labelsText = labelTexts ? labelTexts(series.labelsText) : series.labelsText;
      if (labelsText === undefined) continue;
      const line = formatSample(nameText, labelsText, value);
      yield headerText + line + (form ? this.createdLineOf(form, series.labelsText, labelsText, series) : '');
      headerText = '';
    }
  }

  private *writeHistogram(family: Family, type: 'histogram' | 'summary'): Generator<string> {
    const { name, shownName, help, unit, own, metric } = family;
    const { format } = this.page;
    const groups = metric && (yield* this.groupsOf(family, metric));
    if (groups?.isEmpty !== false && !own?.samples.length) return;
    const form = yield* this.formOf(family, groups);
    if (form) {
      yield this.headerOf(shownName, type, help, unit);
      for (const sample of own?.samples ?? []) yield formatOwn(sample);
      if (groups) yield* groups.writeWhole(format, (labels, shown) => this.createdLineOf(form, labels, shown));
      return;
    }
    const partType = format === 'openmetrics' ? 'unknown' : 'counter';
    for (const suffix of PARTS[type]) {
      let headerText = this.headerOf(shownName + suffix, partType, help);
      const lines = own?.samples.filter((sample) => sample.name === name + suffix).map(formatOwn) ?? [];
      for (const line of lines) {
        yield headerText + line;
        headerText = '';
      }
      if (suffix === '') continue;
      for (const text of groups?.writePart(suffix) ?? []) {
        yield text === '' ? '' : headerText + text;
        if (text !== '') headerText = '';
      }
    }
  }

  /** Chooses the form of a family. This is done once per exposition. */
  private *formOf(family: Family, groups?: HistogramGroups): Generator<'', Form | null> {
    const known = this.forms.get(family.name);
    if (known !== undefined) return known;
    const form =
      family.type === 'counter' ? yield* this.formOfCounter(family) : yield* this.formOfHistogram(family, groups);
    this.forms.set(family.name, form);
    return form;
  }

  private *formOfCounter({ name, shownName, own, metric }: Family): Generator<'', Form | null> {
    const familyName = this.openMetricsNames.familyOfCounter(shownName);
    if (familyName === undefined || own?.samples.some(({ value }) => !(value >= 0))) return null;
    for (const series of this.visibleSeriesOf(metric, name)) {
      if (series === undefined) yield '';
      else if (!(this.page.liveValues.valueOf(series) >= 0)) return null;
    }
    const createdName = name.endsWith(TOTAL_SUFFIX) ? name.slice(0, -TOTAL_SUFFIX.length) + CREATED_SUFFIX : undefined;
    return yield* this.withCreated(familyName, createdName, (labelsText) => {
      const series = metric?.series.get(labelsText);
      return series !== undefined && this.isVisible(series);
    });
  }

  private *formOfHistogram(family: Family, gathered: HistogramGroups | undefined): Generator<'', Form | null> {
    const { name, shownName, type, own, metric } = family;
    const { format } = this.page;
    const groups = gathered ?? (metric && (yield* this.groupsOf(family, metric)));
    if (groups && !(yield* groups.areLegal(format))) return null;
    if (format === 'text') return { name: shownName, created: undefined };
    const canHaveCreated = this.openMetricsNames.canHaveCreated(shownName);
    if (!canHaveCreated || own?.samples.every((each) => isLegalOwn(each, type)) === false) return null;
    const createdName = name + CREATED_SUFFIX;
    return yield* this.withCreated(shownName, createdName, (labelsText) => groups?.has(labelsText) === true);
  }

  /**
   * Returns the form of a family, with the pushed gauge that holds the creation times of the family's series, if there is one.
   *
   * @param name the name of the family in the exposition
   * @param createdName the name of the gauge in the catalog
   * @returns null if a metric other than the gauge has the name with `_created` in the exposition, or if a series of the gauge
   *   belongs to no series of the family
   */
  private *withCreated(
    name: string,
    createdName: string | undefined,
    hasSeries: (labelsText: string) => boolean,
  ): Generator<'', Form | null> {
    if (this.ownFamilies.has(name + CREATED_SUFFIX)) return null;
    // Only a gauge that can be shown is part of the family. If names are escaped, `createdName` can also be the name of a metric
    // of another type, which the exposition shows under a name that does not belong to the family.
    const pushed = createdName === undefined ? undefined : this.familyOf(createdName).metric;
    const created = pushed?.type === 'gauge' ? pushed : undefined;
    if (!this.names.isFreeFor(created, name + CREATED_SUFFIX)) return null;
    for (const series of this.visibleSeriesOf(created, createdName ?? name)) {
      if (series === undefined) yield '';
      else if (!hasSeries(series.labelsText)) return null;
    }
    return { name, created };
  }

  private *isWrittenAsCreated(metric: Metric): Generator<'', boolean> {
    if (this.page.format === 'text' || metric.type !== 'gauge' || !metric.name.endsWith(CREATED_SUFFIX)) return false;
    const base = metric.name.slice(0, -CREATED_SUFFIX.length);
    for (const name of [base, base + TOTAL_SUFFIX]) {
      const family = this.familyOf(name);
      if (family.type !== (name === base ? 'histogram' : 'counter')) continue;
      const form = yield* this.formOf(family);
      if (form?.created === metric) return true;
    }
    return false;
  }

  /**
   * Returns the line with the creation time of a series. The time is the client's own value, if the client pushed one. A counter
   * of deltas begins in this service, so its default is the time at which the service created the series. Other series have no
   * default, and the text is then empty.
   *
   * @param labelsText the labels in the catalog
   * @param shownLabels the labels in the exposition
   */
  private createdLineOf({ name, created }: Form, labelsText: string, shownLabels: string, counter?: Series): string {
    const series = created?.series.get(labelsText);
    const isPushed = series !== undefined && this.isVisible(series);
    if (!isPushed && counter?.kind !== 'delta') return '';
    const createdAt = isPushed ? this.page.liveValues.valueOf(series) : counter!.createdAt.getTime() / 1000;
    return formatSample(this.names.textOf(name + CREATED_SUFFIX), shownLabels, createdAt);
  }

  private headerOf(name: string, type: FamilyType, help: string, unit?: string | null): string {
    return formatHeader({ name, nameText: this.names.textOf(name), type, help, unit }, this.page.format);
  }

  private *groupsOf({ name, shownName, own }: Family, metric: Metric): Generator<'', HistogramGroups> {
    const { catalog, liveValues } = this.page;
    const suffixes = Object.values(HISTOGRAM_SUFFIX);
    const parts = new Map(suffixes.map((suffix) => [suffix, catalog.findMetric(name + suffix)]));
    const labelTexts = yield* this.names.labelTextsOf([metric, ...parts.values()], own);
    const textOf = (suffix: string) => this.names.textOf(shownName + suffix);
    return yield* HistogramGroups.gather({ name, parts, textOf, labelTexts }, liveValues, this.hidingOf(name));
  }

  /** Yields the visible series of a metric, and undefined for each hidden one. `name` is the metric's name when writing began. */
  private *visibleSeriesOf(metric: Metric | undefined, name: string): Generator<Series | undefined> {
    if (metric === undefined) return;
    const isHidden = this.hidingOf(name);
    for (const series of metric.series.values()) {
      if (this.isVisible(series) && !isHidden(name, series.labelsText)) yield series;
      else yield undefined;
    }
  }

  private isVisible(series: Series): boolean {
    const { liveValues, hidesPushedBefore } = this.page;
    if (series.isScraped) return false;
    return liveValues.has(series) && (series.kind !== 'gauge' || liveValues.pushedAtOf(series) >= hidesPushedBefore);
  }

  /**
   * Returns whether a metric can be shown. A metric is left out if some of its series are not in memory, or if it conflicts
   * with a metric of the service, which can happen if it was pushed before the service had that metric.
   */
  private canBeShown({ name, type, isIncomplete }: Metric): boolean {
    if (isIncomplete || this.isPartIncomplete(name)) return false;
    return this.ownFamilies.size === 0 || this.page.own.conflictOfType(name, type) === undefined;
  }

  /**
   * Returns whether some series of the counters of a histogram are not in memory. A sum over the others would be wrong, so the
   * whole histogram is left out.
   */
  private isPartIncomplete(name: string): boolean {
    const { catalog } = this.page;
    if (catalog.isComplete) return false;
    return Object.values(HISTOGRAM_SUFFIX).some((suffix) => catalog.findMetric(name + suffix)?.isIncomplete === true);
  }

  /** Returns a test for pushed series that duplicate one of the service's own. */
  private hidingOf(name: string): (sampleName: string, labelsText: string) => boolean {
    if (this.ownFamilies.size === 0) return () => false;
    const own = this.ownFamilies.get(name);
    if (own === undefined) return () => false;
    const taken = new Set(own.samples.map((sample) => identityOf(sample.name, sample.labels)));
    return (sampleName, labelsText) => taken.has(identityOf(sampleName, labelsFromText(labelsText)));
  }
}
