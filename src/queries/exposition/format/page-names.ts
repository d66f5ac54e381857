import type { Catalog } from '../../../catalog/catalog.js';
import type { FamilyType } from '../../../catalog/metric/family-type.js';
import { HISTOGRAM_SUFFIX, histogramOf } from '../../../catalog/metric/histogram-family.js';
import { TOTAL_SUFFIX } from '../../../catalog/metric/metric-suffix.js';
import type { OwnFamily } from '../../../catalog/metric/own-metrics.js';
import type { Metric } from '../../../catalog/series/series.js';
import { escapeMetricName, type EscapingScheme } from '../../../outside-text/escaped-name.js';
import { metricNameToText } from './exposition-format.js';
import { OpenMetricsNames } from './openmetrics-names.js';
import { escapedLabels, type LabelTexts } from './page-labels.js';

/**
 * Chooses the names under which one exposition shows the metrics.
 *
 * Names that every version of Prometheus allows are shown as they are, and cost nothing. The others are escaped by the scheme of
 * the scrape. Two names can have the same escaped form: with underscores, `a.b` and `a-b` both become `a_b`. No metric may be
 * lost or shown under the name of another one. Therefore only the metric with the lower id gets this form, and the other name is
 * escaped by the values of its characters, which is unambiguous. A metric with a legal name always keeps it.
 */
export class PageNames {
  /** True if every metric has a name that all versions of Prometheus allow. */
  private readonly areAllLegacy: boolean;
  /** The metrics whose names must be escaped in this exposition, in the order of their ids. */
  private readonly escapedMetrics: readonly Metric[];
  /** The escaped names of metrics by their names in the catalog. */
  private readonly shownNames = new Map<string, string>();
  private readonly metricsByShownName = new Map<string, Metric>();
  private readonly claims = new OpenMetricsNames((name) => this.typeOf(name));

  constructor(
    private readonly catalog: Pick<Catalog, 'findMetric' | 'utf8Metrics'>,
    private readonly ownFamilies: ReadonlyMap<string, OwnFamily>,
    private readonly escaping: EscapingScheme,
  ) {
    this.areAllLegacy = catalog.utf8Metrics.size === 0;
    // The metrics are copied, because others may be created while the names are chosen.
    const isNoneEscaped = this.areAllLegacy || escaping === 'allow-utf-8';
    this.escapedMetrics = isNoneEscaped ? [] : [...catalog.utf8Metrics.values()].toSorted((a, b) => a.id - b.id);
  }

  /**
   * Chooses the names of all metrics. The other methods can be called only afterwards.
   *
   * Yields empty texts in between, so that other work can get a turn.
   */
  *choose(): Generator<''> {
    for (const metric of this.escapedMetrics) {
      this.chooseNameOf(metric);
      yield '';
    }
  }

  /** Returns the name under which a metric is shown. */
  shownNameOf(name: string): string {
    return this.areAllLegacy ? name : (this.shownNames.get(name) ?? name);
  }

  /** Writes a shown name for the exposition: in quotes if some versions of Prometheus do not allow it. */
  textOf(shownName: string): string {
    return this.areAllLegacy ? shownName : metricNameToText(shownName);
  }

  /** Returns the type of the metric, pushed or of the service itself, that is shown under a name; undefined if none is. */
  typeOf(shownName: string): FamilyType | undefined {
    return this.ownFamilies.get(shownName)?.type ?? this.metricAt(shownName)?.type;
  }

  /** Returns whether no metric other than the given one is shown under a name. */
  isFreeFor(metric: Metric | undefined, shownName: string): boolean {
    if (this.areAllLegacy) return true;
    const other = this.metricAt(shownName);
    return other === undefined || other === metric;
  }

  /**
   * Returns a function that escapes the label names of the given metrics, which are shown as one family. Returns undefined if no
   * label name needs to be escaped.
   *
   * @param own the family of the service with the same name
   */
  *labelTextsOf(
    metrics: readonly (Metric | undefined)[],
    own: OwnFamily | undefined,
  ): Generator<'', LabelTexts | undefined> {
    if (this.escaping === 'allow-utf-8') return undefined;
    const quoting = metrics.filter((metric) => metric?.mayHaveQuotedLabels === true);
    if (quoting.length === 0) return undefined;
    const ownNames = (own?.samples ?? []).flatMap(({ labels }) => Object.keys(labels));
    return yield* escapedLabels(metrics, ownNames, this.escaping);
  }

  private metricAt(shownName: string): Metric | undefined {
    return this.metricsByShownName.get(shownName) ?? this.catalog.findMetric(shownName);
  }

  private chooseNameOf(metric: Metric): void {
    // The counters of a histogram are shown under the name of the histogram.
    if (histogramOf(metric.name, this.catalog) !== undefined) return;
    let name = escapeMetricName(metric.name, this.escaping);
    if (!this.canHave(metric, name)) name = escapeMetricName(metric.name, 'values');
    // A client may have pushed a metric with exactly that legal name.
    while (!this.canHave(metric, name)) name += '_';
    this.shownNames.set(metric.name, name);
    this.metricsByShownName.set(name, metric);
  }

  private canHave({ type }: Metric, name: string): boolean {
    const parts = type === 'histogram' ? Object.values(HISTOGRAM_SUFFIX) : [];
    return ['', ...parts].every((suffix) => !this.isClaimed(name + suffix));
  }

  /** Returns whether another family has samples of this name, or can need the name in OpenMetrics. */
  private isClaimed(name: string): boolean {
    const { claims } = this;
    return claims.isSample(name) || this.typeOf(name + TOTAL_SUFFIX) === 'counter' || claims.isCreatedOfAnother(name);
  }
}
