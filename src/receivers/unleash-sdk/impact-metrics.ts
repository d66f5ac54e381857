import { bucketBoundOf } from '../../catalog/metric/histogram-family.js';
import type { CustomMetricsOptions } from '../../custom-metrics.options.js';
import { Refusal } from '../../catalog/refusal.js';
import { type IncomingBucket, samplesOfHistogram } from '../../ingestion/histograms/incoming-histogram.js';
import type { IncomingLabelValue, IncomingSample } from '../../ingestion/incoming-sample.js';
import type { RefusedItem } from '../../ingestion/ingest-result.js';
import { checkLabelCount } from '../../ingestion/label-count.js';
import { refusedMetricName } from '../../ingestion/name-refusals.js';
import { checkTextLengths, type TextLimits } from '../../ingestion/text-lengths.js';
import { type NameProblem, readLabelName, readMetricName, sanitizeText } from '../../outside-text/name.js';
import { MAX_NUMBER_CHARACTERS, parseDecimal } from '../../outside-text/number.js';

/** What impact metrics come to. */
export interface ImpactSamples {
  readonly samples: readonly IncomingSample[];
  /** By the place in `impactMetrics`. */
  readonly refused: readonly RefusedItem[];
}

/** How impact metrics are read. */
export interface ImpactReading {
  /** Adds the labels `origin` and `metric_type`. */
  readonly addsLabels: boolean;
  /**
   * What is past them is refused here already: each bucket of a histogram becomes a sample with all its labels, so that a
   * megabyte of labels and a megabyte of buckets would become terabytes.
   */
  readonly limits: TextLimits & Pick<CustomMetricsOptions['ingest'], 'maxSamples'>;
}

/** SERIES_MAX_LABELS can't be set to more. */
const MAX_LABELS = 1_000;

/**
 * Turns `impactMetrics` into samples: counters and histograms are what was added since the last post, gauges are values.
 * What is malformed is left out, piece by piece, because a refused post silences an SDK for the lifetime of its process.
 *
 * @param given what was sent for `impactMetrics`, whatever that is
 */
export function samplesOfImpactMetrics(given: unknown, reading: ImpactReading): ImpactSamples {
  if (given === undefined || given === null) return { samples: [], refused: [] };
  if (!Array.isArray(given)) {
    return { samples: [], refused: [{ index: 0, refusal: invalid('`impactMetrics` must be an array.') }] };
  }
  const reader = new ImpactReader(reading);
  for (let index = 0; index < given.length && !reader.isFull; index++) reader.read(given[index], index);
  return reader;
}

class ImpactReader implements ImpactSamples {
  readonly samples: IncomingSample[] = [];
  readonly refused: RefusedItem[] = [];
  private histograms = 0;
  private readonly tooMany: Refusal;

  constructor(private readonly reading: ImpactReading) {
    this.tooMany = new Refusal(
      'too_many_samples',
      `The request has more samples than the limit (INGEST_MAX_SAMPLES), which is ${reading.limits.maxSamples}.`,
    );
  }

  /**
   * As many pieces were refused as a request may have samples. What comes then is not looked at, and not counted: millions of
   * nothing fit into a body, and to refuse each of them takes seconds.
   */
  get isFull(): boolean {
    return this.refused.length >= this.reading.limits.maxSamples;
  }

  read(metric: unknown, index: number): void {
    const refuse = (refusal: Refusal) => this.refused.push({ index, refusal });
    if (!isRecord(metric)) {
      refuse(invalid('An impact metric must be an object.'));
      return;
    }
    const { name: given, type, help, samples } = metric;
    if (typeof given !== 'string' || given === '') {
      refuse(invalid('`name` must be a text that is not empty.'));
      return;
    }
    const { metricNameMaxLength } = this.reading.limits;
    const name = readImpactName(given, metricNameMaxLength);
    if (typeof name !== 'string') {
      refuse(refusedMetricName(given, name, metricNameMaxLength));
      return;
    }
    if (type !== 'counter' && type !== 'gauge' && type !== 'histogram') {
      refuse(invalid(`The \`type\` of ${abbreviate(name)} must be counter, gauge or histogram.`));
      return;
    }
    if (!Array.isArray(samples)) {
      refuse(invalid(`The \`samples\` of ${abbreviate(name)} must be an array.`));
      return;
    }
    // Once for all samples: each would be refused for the same reason.
    const tooLong = checkTextLengths({ name, help: typeof help === 'string' ? help : undefined }, this.reading.limits);
    if (tooLong !== undefined) {
      refuse(tooLong);
      return;
    }
    const described: DescribedMetric = { name, type, help: typeof help === 'string' ? help : undefined };
    const { maxSamples } = this.reading.limits;
    for (const sample of samples) {
      if (this.isFull) return;
      const hasAll = this.samples.length >= maxSamples;
      const refusal = hasAll ? this.tooMany : this.readSample(described, sample);
      if (refusal !== undefined) refuse(refusal);
    }
  }

  private readSample({ name, type, help }: DescribedMetric, sample: unknown): Refusal | undefined {
    if (!isRecord(sample)) return invalid(`A sample of ${abbreviate(name)} must be an object.`);
    const labels = this.labelsOf(sample.labels, type);
    const tooManyLabels = checkLabelCount(abbreviate(name), labels, this.reading.limits.maxLabels);
    if (tooManyLabels !== undefined) return tooManyLabels;
    if (labels === undefined) {
      return invalid(`The \`labels\` of ${abbreviate(name)} must be an object of texts, numbers or booleans.`);
    }
    if (type !== 'histogram') {
      const value = numberIn(sample.value);
      if (value === undefined) return invalid(`The \`value\` of ${abbreviate(name)} must be a finite number.`);
      const temporality = type === 'counter' ? 'delta' : undefined;
      this.samples.push({ name, type, help, labels, value, temporality });
      return undefined;
    }
    const count = numberIn(sample.count);
    const sum = numberIn(sample.sum);
    const buckets = bucketsOf(sample.buckets);
    if (count === undefined || sum === undefined || buckets === undefined) {
      return invalid(
        `The histogram ${abbreviate(name)} must have a \`count\`, a \`sum\` and \`buckets\` with \`le\` (a number or "+Inf") and \`count\`.`,
      );
    }
    const tooMany = this.checkSampleCount(name, buckets.length);
    if (tooMany !== undefined) return tooMany;
    const histogram = { name, labels, buckets, sum, count, temporality: 'delta', help } as const;
    const parts = samplesOfHistogram(histogram, this.histograms++, this.reading.limits);
    if (parts instanceof Refusal) return parts;
    this.samples.push(...parts);
    return undefined;
  }

  private checkSampleCount(name: string, buckets: number): Refusal | undefined {
    const { maxSamples } = this.reading.limits;
    if (this.samples.length + buckets > maxSamples) {
      return new Refusal(
        'too_many_samples',
        `With the ${buckets} buckets of ${abbreviate(name)} the request has more samples than the limit (INGEST_MAX_SAMPLES), which is ${maxSamples}.`,
      );
    }
    return undefined;
  }

  /**
   * The labels as they were sent, and those that Unleash adds where the sender has none of that name: Unleash Edge says
   * `origin="edge"` itself. Null is the absence of a label, as an empty text is, and neither counts.
   *
   * @returns undefined if they are none; what was sent, unread, if it is more than any series can have
   */
  private labelsOf(given: unknown, type: string): Record<string, IncomingLabelValue> | undefined {
    if (given !== undefined && given !== null && !isRecord(given)) return undefined;
    // Hundreds of thousands fit into a body, and a second goes by when they are looked at one by one.
    if (Object.keys(given ?? {}).length > MAX_LABELS) return given as Record<string, IncomingLabelValue>;
    const own = Object.entries(given ?? {}).filter(([, value]) => value !== null && value !== '');
    if (!own.every(hasLabelValue)) return undefined;
    if (!this.reading.addsLabels) return Object.fromEntries(own);
    const { metricNameMaxLength } = this.reading.limits;
    const taken = new Set<unknown>(own.map(([name]) => readLabelName(name, metricNameMaxLength)));
    const added = Object.entries({ origin: 'sdk', metric_type: type }).filter(([name]) => !taken.has(name));
    return Object.fromEntries([...added, ...own]);
  }
}

interface DescribedMetric {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string | undefined;
}

function hasLabelValue(entry: [string, unknown]): entry is [string, IncomingLabelValue] {
  return ['string', 'number', 'boolean'].includes(typeof entry[1]);
}

/** @returns undefined if they are no buckets */
function bucketsOf(given: unknown): IncomingBucket[] | undefined {
  if (!Array.isArray(given)) return undefined;
  const buckets: IncomingBucket[] = [];
  for (const bucket of given) {
    if (!isRecord(bucket)) return undefined;
    const { le } = bucket;
    const count = numberIn(bucket.count);
    if (count === undefined) return undefined;
    const bound = typeof le === 'number' ? le : typeof le === 'string' ? bucketBoundOf(le) : NaN;
    if (Number.isNaN(bound)) return undefined;
    buckets.push({ bound, count });
  }
  return buckets;
}

function invalid(message: string): Refusal {
  return new Refusal('item_invalid', message);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A number, or a text that is one, as Unleash takes it. */
function numberIn(value: unknown): number | undefined {
  const number =
    typeof value === 'string' ? parseDecimal(value.length <= MAX_NUMBER_CHARACTERS ? value.trim() : '') : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

/** As Unleash writes names of impact metrics: without the colon that Prometheus allows. */
function readImpactName(given: string, maxLength: number): string | NameProblem {
  const name = readMetricName(given, maxLength);
  return typeof name === 'string' ? name.replaceAll(':', '_') : name;
}

const SHOWN_CHARACTERS = 80;

/** Echoes what was sent, but not megabytes of it. */
function abbreviate(text: string): string {
  return sanitizeText(text.slice(0, SHOWN_CHARACTERS));
}
