import { Inject, Injectable } from '@nestjs/common';
import { Catalog } from '../../catalog/catalog.js';
import { typeConflict } from '../../catalog/metric/contradiction.js';
import { type LabelSet, labelsToText, sortLabels } from '../../catalog/series/label-set.js';
import { bucketBoundOf, HISTOGRAM_SUFFIX, histogramOf } from '../../catalog/metric/histogram-family.js';
import { type Temporality, typeByName } from '../../catalog/metric/metric.js';
import type { Metric } from '../../catalog/series/series.js';
import { Refusal } from '../../catalog/refusal.js';
import { Series } from '../../catalog/series/series.js';
import { seriesKindOf } from '../../catalog/series/series-kind.js';
import type { SeriesRequest } from '../../catalog/series/series-plan.js';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../custom-metrics.options.js';
import { OwnMetrics } from '../../catalog/metric/own-metrics.js';
import { abbreviate } from '../../outside-text/abbreviate.js';
import { readLabelName, readMetricName, sanitizeText } from '../../outside-text/name.js';
import { descriptionOf, type IncomingSample } from '../incoming-sample.js';
import { refusedLabelName, refusedMetricName } from '../name-refusals.js';
import type { Sender } from '../sender.js';
import { checkTextLengths } from '../text-lengths.js';

/**
 * Finds the series of an item, or returns a request to create it or the refusal of the item. The catalog is only read and not
 * changed.
 */
@Injectable()
export class SeriesResolver {
  constructor(
    private readonly catalog: Catalog,
    private readonly own: OwnMetrics,
    @Inject(CUSTOM_METRICS_OPTIONS) private readonly options: CustomMetricsOptions,
  ) {}

  resolve(sample: IncomingSample, sender: Sender): Series | SeriesRequest | Refusal {
    const limits = this.options.series;
    const tooLong = checkTextLengths(sample, limits);
    if (tooLong) return tooLong;
    const name = readMetricName(sample.name, limits);
    if (typeof name !== 'string') return refusedMetricName(sample.name, name, limits);
    const metric = this.catalog.findMetric(name);
    const badMetric = this.checkMetric(name, metric, sample);
    if (badMetric) return badMetric;
    const labels = this.labelsOf(sample, sender);
    if (labels instanceof Refusal) return labels;
    const badBucket = this.checkHistogramPart(name, labels, sample);
    if (badBucket) return badBucket;

    const type = metric?.type ?? sample.type ?? typeByName(name);
    const histogram = histogramOf(name, this.catalog);
    const isPart = sample.histogram !== undefined || histogram !== undefined;
    const isScraped = sample.isScraped === true;
    // The exposition does not show scraped series, so they can't conflict with the service's own metrics.
    const badOwn = isScraped
      ? undefined
      : (this.own.conflictOfType(name, type, isPart) ??
        this.own.conflictOfLabels(name, labels) ??
        // A scraped histogram may have the name of any of the service's own metrics.
        (histogram && this.own.conflictOfType(histogram.name, 'histogram')));
    if (badOwn) return badOwn;
    const labelsText = labelsToText(labels);
    const series = metric?.series.get(labelsText);
    const temporality =
      type === 'gauge' ? temporalityOfGauge(sample, series) : this.temporalityOf(sample, metric, sender, series);
    if (!Number.isFinite(sample.value) && seriesKindOf(type, temporality) !== 'gauge') return notFinite(sample.name);
    if (series !== undefined && isScraped && !series.isScraped) return pushedHere(series);
    if (series !== undefined) return conflictOf(series, temporality) ?? series;
    const isTemporalityGiven = sample.temporality != null;
    if (temporality === 'delta' && type !== 'gauge' && sample.value < 0 && !isSumOfHistogram(sample)) {
      return negativeDelta(name, sample.value);
    }
    const { tokenId } = sender;
    return {
      name,
      type,
      declaration: descriptionOf(sample),
      labels,
      labelsText,
      temporality,
      isTemporalityGiven,
      tokenId,
      isScraped,
    };
  }

  /**
   * Returns the series that a stale marker ends, ignoring everything except name and labels. The end of a scrape says nothing
   * about a series that is pushed here, even if it was scraped from here.
   */
  find(sample: IncomingSample, sender: Sender): Series | undefined {
    const limits = this.options.series;
    if (checkTextLengths(sample, limits)) return undefined;
    const name = readMetricName(sample.name, limits);
    const metric = typeof name === 'string' ? this.catalog.findMetric(name) : undefined;
    const labels = metric && this.labelsOf(sample, sender);
    if (labels === undefined || labels instanceof Refusal) return undefined;
    const series = metric?.series.get(labelsToText(labels));
    return sample.isScraped === true && series?.isScraped === false ? undefined : series;
  }

  /**
   * Returns the temporality that the item gives. If it gives none, that of the metric, the token, the series or the server
   * applies, in this order.
   */
  private temporalityOf(
    sample: IncomingSample,
    metric: Metric | undefined,
    sender: Sender,
    series: Series | undefined,
  ): Temporality {
    return (
      sample.temporality ??
      metric?.temporality ??
      sender.defaultTemporality ??
      (series === undefined || series.kind === 'gauge' ? this.options.ingest.counterTemporality : series.kind)
    );
  }

  private checkMetric(name: string, metric: Metric | undefined, sample: IncomingSample): Refusal | undefined {
    const { unit } = descriptionOf(sample);
    if (unit !== undefined && metric?.unit && metric.unit !== unit) {
      return new Refusal(
        'unit_conflict',
        `${name} has the unit ${metric.unit}, not ${abbreviate(unit)}. Leave out "unit", or use another name.`,
      );
    }
    return this.checkType(name, metric, sample);
  }

  private checkType(name: string, metric: Metric | undefined, sample: IncomingSample): Refusal | undefined {
    if (metric?.type === 'histogram') {
      return new Refusal(
        'type_conflict',
        `${name} is a histogram, which has no value of its own: push ${name}_bucket (with the label le), ${name}_sum and ${name}_count.`,
      );
    }
    if (metric && sample.type && metric.type !== sample.type) return typeConflict(metric, sample.type);
    return undefined;
  }

  /**
   * Checks that `_bucket`, `_sum` and `_count` fit their declared histogram, because otherwise the exposition could not be
   * parsed.
   */
  private checkHistogramPart(name: string, labels: LabelSet, sample: IncomingSample): Refusal | undefined {
    const histogram = histogramOf(name, this.catalog);
    if (histogram === undefined) return undefined;
    if (sample.type === 'gauge') {
      return new Refusal('type_conflict', `${name} belongs to the histogram ${histogram.name} and is a counter.`);
    }
    const bound = labels.find(([label]) => label === 'le')?.[1];
    const isBucket = name.endsWith(HISTOGRAM_SUFFIX.bucket);
    if (isBucket && (bound === undefined || Number.isNaN(bucketBoundOf(bound)))) {
      return new Refusal(
        'bucket_label_invalid',
        `${name} belongs to the histogram ${histogram.name} and needs the label le with a number or +Inf, not ${bound ?? 'none'}.`,
      );
    }
    if (!isBucket && bound !== undefined) {
      return new Refusal(
        'bucket_label_invalid',
        `${name} belongs to the histogram ${histogram.name}; only ${histogram.name}_bucket has the label le.`,
      );
    }
    return undefined;
  }

  private labelsOf(sample: IncomingSample, sender: Sender): LabelSet | Refusal {
    const { series: rules } = this.options;
    const { maxLabels } = rules;
    const labels = new Map<string, string>();
    for (const [given, scalar] of Object.entries(sample.labels ?? {})) {
      const value = sanitizeText(String(scalar));
      // A label with an empty value is an absent label, so its name does not matter.
      if (value === '') continue;
      const name = readLabelName(given, rules);
      if (typeof name !== 'string') return refusedLabelName(sample.name, given, name, rules);
      if (name.startsWith('__')) {
        return new Refusal(
          'label_name_invalid',
          `The label ${abbreviate(given)} becomes ${abbreviate(name)}, but Prometheus reserves names that start with __. Use another name.`,
        );
      }
      if (labels.has(name)) {
        return new Refusal(
          'label_name_duplicate',
          `Two labels become ${name} (forbidden characters are replaced by _). Rename one of them.`,
        );
      }
      labels.set(name, value);
      // The number is checked inside the loop, because a body may have hundreds of thousands of labels.
      if (labels.size > maxLabels) return tooManyLabels(sample, maxLabels);
    }
    for (const [name, value] of Object.entries(sender.labels)) labels.set(name, value);
    if (labels.size > maxLabels) return tooManyLabels(sample, maxLabels);
    return sortLabels([...labels]);
  }
}

/**
 * Returns the temporality of a gauge. A gauge shows the last pushed value, regardless of the default for counters, unless its
 * item says that its samples are changes. An existing series keeps its temporality.
 */
function temporalityOfGauge({ type, temporality }: IncomingSample, series: Series | undefined): Temporality | null {
  if (temporality === 'delta') return type === 'gauge' || series?.kind === 'delta' ? 'delta' : null;
  // An explicit total contradicts a series whose samples are changes.
  if (temporality === 'cumulative') return series?.kind === 'delta' ? 'cumulative' : null;
  return series?.kind === 'delta' ? 'delta' : null;
}

/**
 * Returns whether a sample is the sum of a histogram. Such a sum may fall if observations are negative, as in Prometheus' own
 * clients.
 */
export function isSumOfHistogram({ name, histogram }: IncomingSample): boolean {
  return histogram !== undefined && name === histogram.name + HISTOGRAM_SUFFIX.sum;
}

/** Returns the refusal of a negative delta, because a delta counter can't fall. */
export function negativeDelta(name: string, value: number): Refusal {
  return new Refusal(
    'negative_delta',
    `${name} is a counter that takes deltas, and ${value} would make it fall. Send the increase since the last push; ` +
      'declare the metric a gauge if it can go down, or cumulative if you send totals.',
  );
}

/** Returns the refusal of a value that can't be kept. Only gauges may be infinite, because a sum would stay infinite forever. */
export function notFinite(name: string): Refusal {
  return new Refusal(
    'value_invalid',
    `The value of ${abbreviate(name)} is not a finite number; JSON writes NaN and Infinity as null. Leave the item out.`,
  );
}

/** Refuses a `delta` or `cumulative` sample for a series of another kind. A sample without a temporality is never refused. */
export function conflictOf(series: Series, temporality: Temporality | null): Refusal | undefined {
  if (temporality === null || series.kind === temporality) return undefined;
  return new Refusal(
    'temporality_conflict',
    `The series ${series.metric.name}{${abbreviate(series.labelsText)}} has taken ${series.kind} samples since ` +
      `${series.createdAt.toISOString()}, but this one is ${temporality} (set by the item, the metric or the token). ` +
      `Send ${series.kind} values with "temporality": "${series.kind}", or use another name or label.`,
  );
}

/** Returns the refusal of a sample that was scraped, probably from this service, for a series that is pushed here. */
function pushedHere(series: Series): Refusal {
  return new Refusal(
    'temporality_conflict',
    `The series ${series.metric.name}{${abbreviate(series.labelsText)}} is pushed to this service, and a scraped sample would mix with the ` +
      'pushes. Leave it out of remote write (write_relabel_configs), or give remote write further labels (external_labels).',
  );
}

function tooManyLabels({ name }: IncomingSample, limit: number): Refusal {
  return new Refusal(
    'too_many_labels',
    `${abbreviate(name)} has more labels than the limit (SERIES_MAX_LABELS), which is ${limit}. Leave out labels that no query uses.`,
  );
}
