import type { Catalog } from '../../../catalog/catalog.js';
import { HISTOGRAM_SUFFIX, histogramOf } from '../../../catalog/metric/histogram-family.js';
import { labelsFromText, labelSetOf, labelsToText } from '../../../catalog/series/label-set.js';
import type { Metric } from '../../../catalog/series/series.js';
import { CREATED_SUFFIX, TOTAL_SUFFIX } from '../../../catalog/metric/metric-suffix.js';
import type { Series } from '../../../catalog/series/series.js';
import { HistogramGroups } from './histogram-groups.js';
import type { LiveValues } from '../../../live-values/live-values.js';
import { OpenMetricsNames } from './openmetrics-names.js';
import type { OwnFamily, OwnMetrics, OwnSample } from '../../../catalog/metric/own-metrics.js';
import type { FamilyType } from '../../../catalog/metric/family-type.js';
import { type ExpositionFormat, formatHeader, formatSample } from './exposition-format.js';

const PUSHED_HELP = 'Custom metric';

/** The suffixes of the samples of a histogram or summary. In a summary, the samples without a suffix are its quantiles. */
const PARTS = { histogram: Object.values(HISTOGRAM_SUFFIX), summary: ['', '_sum', '_count'] } as const;

/** The content of one name: a metric of the service itself, a pushed one, or both. */
interface Family {
  readonly name: string;
  readonly type: FamilyType;
  readonly help: string;
  readonly unit: string | null;
  readonly own: OwnFamily | undefined;
  readonly metric: Metric | undefined;
}

/** The form in which a counter, histogram or summary is written as one family. */
interface Form {
  readonly name: string;
  /** A pushed gauge whose series are written as the `_created` samples of the family. */
  readonly created: Metric | undefined;
}

/** The input for one exposition. */
export interface PageContents {
  readonly catalog: Catalog;
  readonly liveValues: LiveValues;
  readonly own: OwnMetrics;
  /** The families of the service itself. The list is empty for an exposition of only pushed series. */
  readonly ownFamilies: readonly OwnFamily[];
  readonly format: ExpositionFormat;
  /** Series of gauges that were last pushed before this time are hidden, in milliseconds since the epoch; 0 hides none. */
  readonly hidesPushedBefore: number;
}

/**
 * Writes the families of one exposition, so that it is legal regardless of the pushed names and values. If the format cannot
 * represent a family, its samples are written under their own names, with the type `unknown` in OpenMetrics and `counter` in the
 * text format. The type is lost, but no series is.
 */
export class FamilyWriter {
  private readonly ownFamilies: ReadonlyMap<string, OwnFamily>;
  private readonly names: OpenMetricsNames;
  /**
   * The form of each metric by name, or null if the format cannot represent the metric as one family. A form does not change
   * during an exposition.
   */
  private readonly forms = new Map<string, Form | null>();

  constructor(private readonly page: PageContents) {
    this.ownFamilies = new Map(page.ownFamilies.map((family) => [family.name, family]));
    this.names = new OpenMetricsNames(
      (name) => this.ownFamilies.get(name)?.type ?? this.page.catalog.findMetric(name)?.type,
    );
  }

  /**
   * Writes everything except the end mark. Yields the lines of one series at a time, with the header of the family before the
   * first, and an empty text for each series without output.
   */
  *write(): Generator<string> {
    for (const name of this.ownFamilies.keys()) yield* this.writeFamily(this.familyOf(name));
    // The metrics are copied, because a metric that is deleted and created again during the rendering must not appear twice.
    for (const metric of Array.from(this.page.catalog.metrics)) {
      if (metric.isRemoved || this.ownFamilies.has(metric.name)) continue;
      if (histogramOf(metric.name, this.page.catalog) !== undefined || !this.canBeShown(metric)) continue;
      if (yield* this.isWrittenAsCreated(metric)) continue;
      yield* this.writeFamily(this.familyOf(metric.name, metric));
    }
  }

  private familyOf(name: string, pushed = this.page.catalog.findMetric(name)): Family {
    const own = this.ownFamilies.get(name);
    const metric = pushed !== undefined && this.canBeShown(pushed) ? pushed : undefined;
    const type = own?.type ?? metric?.type ?? 'unknown';
    const help = own?.help ?? metric?.help ?? PUSHED_HELP;
    return { name, type, help, unit: own === undefined ? (metric?.unit ?? null) : null, own, metric };
  }

  private *writeFamily(family: Family): Generator<string> {
    if (family.type === 'histogram' || family.type === 'summary') yield* this.writeHistogram(family, family.type);
    else yield* this.writeSimple(family);
  }

  private *writeSimple(family: Family): Generator<string> {
    const { name, type, help, unit, own, metric } = family;
    const isCounterOfOpenMetrics = type === 'counter' && this.page.format === 'openmetrics';
    const form = isCounterOfOpenMetrics ? yield* this.formOf(family) : undefined;
    // The parser of the Python client removes the suffix in the text format as well, and rejects `_total`, because the
    // remaining name would be empty.
    const isUnknown = (isCounterOfOpenMetrics && !form) || (type === 'counter' && name === TOTAL_SUFFIX);
    const header = { name: form?.name ?? name, type: isUnknown ? ('unknown' as const) : type, help, unit };
    let headerText = formatHeader(header, this.page.format);
    for (const sample of own?.samples ?? []) {
      yield headerText + formatOwn(sample);
      headerText = '';
    }
    for (const series of this.visibleSeriesOf(metric)) {
      if (series === undefined) {
        yield '';
        continue;
      }
      const value = this.page.liveValues.valueOf(series);
      // The value may have changed since the form was chosen.
      if (form && !(value >= 0)) continue;
      const line = formatSample(name, series.labelsText, value);
      yield headerText + line + (form ? this.createdLineOf(form, series.labelsText, series) : '');
      headerText = '';
    }
  }

  private *writeHistogram(family: Family, type: 'histogram' | 'summary'): Generator<string> {
    const { name, help, unit, own, metric } = family;
    const { format } = this.page;
    const groups = metric && (yield* this.groupsOf(metric));
    if (groups?.isEmpty !== false && !own?.samples.length) return;
    const form = yield* this.formOf(family, groups);
    if (form) {
      yield formatHeader({ name, type, help, unit }, format);
      for (const sample of own?.samples ?? []) yield formatOwn(sample);
      if (groups) yield* groups.writeWhole(format, (labelsText) => this.createdLineOf(form, labelsText));
      return;
    }
    const partType = format === 'openmetrics' ? 'unknown' : 'counter';
    for (const suffix of PARTS[type]) {
      let headerText = formatHeader({ name: name + suffix, type: partType, help }, format);
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

  private *formOfCounter({ name: metricName, own, metric }: Family): Generator<'', Form | null> {
    const name = this.names.familyOfCounter(metricName);
    if (name === undefined || own?.samples.some(({ value }) => !(value >= 0))) return null;
    for (const series of this.visibleSeriesOf(metric)) {
      if (series === undefined) yield '';
      else if (!(this.page.liveValues.valueOf(series) >= 0)) return null;
    }
    return yield* this.withCreated(name, (labelsText) => {
      const series = metric?.series.get(labelsText);
      return series !== undefined && this.isVisible(series);
    });
  }

  private *formOfHistogram(
    { name, type, own, metric }: Family,
    gathered: HistogramGroups | undefined,
  ): Generator<'', Form | null> {
    const { format } = this.page;
    const groups = gathered ?? (metric && (yield* this.groupsOf(metric)));
    if (groups?.areLegal(format) === false) return null;
    if (format === 'text') return { name, created: undefined };
    if (!this.names.canHaveCreated(name) || own?.samples.every((each) => isLegalOwn(each, type)) === false) return null;
    return yield* this.withCreated(name, (labelsText) => groups?.has(labelsText) === true);
  }

  /**
   * Adds the pushed gauge with the creation times of a family's series.
   *
   * @returns null if a series of the gauge belongs to no series of the family, or if the service itself has a metric of that name
   */
  private *withCreated(name: string, hasSeries: (labelsText: string) => boolean): Generator<'', Form | null> {
    const createdName = name + CREATED_SUFFIX;
    if (this.ownFamilies.has(createdName)) return null;
    // A hidden gauge is not part of the family either.
    const { metric: created } = this.familyOf(createdName);
    for (const series of this.visibleSeriesOf(created)) {
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
   */
  private createdLineOf({ name, created }: Form, labelsText: string, counter?: Series): string {
    const createdName = name + CREATED_SUFFIX;
    const series = created?.series.get(labelsText);
    if (series !== undefined && this.isVisible(series)) {
      return formatSample(createdName, labelsText, this.page.liveValues.valueOf(series));
    }
    return counter?.kind === 'delta' ? formatSample(createdName, labelsText, counter.createdAt.getTime() / 1000) : '';
  }

  private groupsOf({ name }: Metric): Generator<'', HistogramGroups> {
    const isHidden = this.hidingOf(name);
    return HistogramGroups.gather(name, this.page.catalog, this.page.liveValues, isHidden);
  }

  /** Yields the visible series of a metric, and undefined for each hidden one, so that other work may get a turn. */
  private *visibleSeriesOf(metric: Metric | undefined): Generator<Series | undefined> {
    if (metric === undefined) return;
    const isHidden = this.hidingOf(metric.name);
    for (const series of metric.series.values()) {
      if (this.isVisible(series) && !isHidden(metric.name, series.labelsText)) yield series;
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
   * Returns whether the series of a family are incomplete. A sum over only some of its series would be wrong, so the whole family
   * is left out.
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

function formatOwn({ name, labels, value }: OwnSample): string {
  return formatSample(name, labelsToText(Object.entries(labels)), value);
}

function identityOf(name: string, labels: Readonly<Record<string, string>>): string {
  return `${name}{${labelsToText(labelSetOf(labels))}}`;
}

/** Returns whether OpenMetrics allows a histogram or summary to have the sample. */
function isLegalOwn({ name, labels, value }: OwnSample, type: FamilyType): boolean {
  if (name.endsWith('_sum')) return value >= 0;
  if (type === 'summary' && labels.quantile !== undefined) return !(value < 0);
  return Number.isInteger(value) && value >= 0 && !(Number(labels.le) < 0);
}
