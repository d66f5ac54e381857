import { bucketBoundOf } from '../../catalog/metric/histogram-family.js';
import type { CustomMetricsOptions } from '../../custom-metrics.options.js';
import { Refusal } from '../../catalog/refusal.js';
import { type IncomingBucket, samplesOfHistogram } from '../../ingestion/histograms/incoming-histogram.js';
import type { IncomingLabelValue, IncomingSample } from '../../ingestion/incoming-sample.js';
import type { RefusedItem } from '../../ingestion/ingest-result.js';
import { checkLabelCount } from '../../ingestion/label-count.js';
import { refusedMetricName } from '../../ingestion/name-refusals.js';
import { checkTextLengths, type TextLimits } from '../../ingestion/text-lengths.js';
import { abbreviate } from '../../outside-text/abbreviate.js';
import {
  type NameProblem,
  type NameRules,
  readLabelName,
  readMetricName,
  sanitizeText,
} from '../../outside-text/name.js';
import { MAX_NUMBER_CHARACTERS, parseDecimal } from '../../outside-text/number.js';

/** The samples and refusals that result from impact metrics. */
export interface ImpactSamples {
  readonly samples: readonly IncomingSample[];
  /** The refused parts, each with the index of its metric in `impactMetrics`. */
  readonly refused: readonly RefusedItem[];
}

/** Options for reading impact metrics. */
export interface ImpactReading {
  /** True to add the labels `origin` and `metric_type`. */
  readonly addsLabels: boolean;
  /**
   * The limits of one sample. They are enforced while reading, because each bucket of a histogram becomes a sample with all its
   * labels, so a megabyte of labels and a megabyte of buckets would become terabytes.
   */
  readonly limits: TextLimits & Pick<CustomMetricsOptions['ingest'], 'maxSamples'>;
}

/** The highest possible value of SERIES_MAX_LABELS. */
const MAX_LABELS = 1_000;

/**
 * Converts `impactMetrics` to samples. Counters and histograms are increases since the last post; gauges are current values.
 * Each malformed part is left out individually, because a refused post silences an SDK for the lifetime of its process.
 *
 * The generator yields after each sample, because ten thousand of them take a hundred milliseconds or more.
 *
 * @param given the value of `impactMetrics`, which may be anything
 */
export function* samplesOfImpactMetrics(given: unknown, reading: ImpactReading): Generator<void, ImpactSamples> {
  if (given === undefined || given === null) return { samples: [], refused: [] };
  if (!Array.isArray(given)) {
    return { samples: [], refused: [{ index: 0, refusal: invalid('`impactMetrics` must be an array.') }] };
  }
  const reader = new ImpactReader(reading);
  for (let index = 0; index < given.length && !reader.isFull; index++) yield* reader.read(given[index], index);
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
   * True if as many parts were refused as a request may have samples. Further parts are ignored and not counted, because millions
   * of empty parts fit into a body, and refusing each of them would take seconds.
   */
  get isFull(): boolean {
    return this.refused.length >= this.reading.limits.maxSamples;
  }

  *read(metric: unknown, index: number): Generator<void, void> {
    yield;
    const refuse = (refusal: Refusal) => this.refused.push({ index, refusal });
    if (!isRecord(metric)) {
      refuse(invalid('An impact metric must be an object.'));
      return;
    }
    const { name: given, type, help, samples } = metric;
    if (typeof given !== 'string' || given === '') {
      refuse(invalid('`name` must be a string that is not empty.'));
      return;
    }
    const name = readImpactName(given, this.reading.limits);
    if (typeof name !== 'string') {
      refuse(refusedMetricName(given, name, this.reading.limits));
      return;
    }
    if (type !== 'counter' && type !== 'gauge' && type !== 'histogram') {
      refuse(invalid(`The \`type\` of ${quote(name)} must be counter, gauge or histogram.`));
      return;
    }
    if (!Array.isArray(samples)) {
      refuse(invalid(`The \`samples\` of ${quote(name)} must be an array.`));
      return;
    }
    // The texts are checked once for all samples, because each sample would be refused for the same reason.
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
      yield;
    }
  }

  private readSample({ name, type, help }: DescribedMetric, sample: unknown): Refusal | undefined {
    if (!isRecord(sample)) return invalid(`A sample of ${quote(name)} must be an object.`);
    const labels = this.labelsOf(sample.labels, type);
    const tooManyLabels = checkLabelCount(quote(name), labels, this.reading.limits.maxLabels);
    if (tooManyLabels !== undefined) return tooManyLabels;
    if (labels === undefined) {
      return invalid(`The \`labels\` of ${quote(name)} must be an object of strings, numbers or booleans.`);
    }
    if (type !== 'histogram') {
      const value = numberIn(sample.value);
      if (value === undefined) return invalid(`The \`value\` of ${quote(name)} must be a finite number.`);
      const temporality = type === 'counter' ? 'delta' : undefined;
      this.samples.push({ name, type, help, labels, value, temporality });
      return undefined;
    }
    const count = numberIn(sample.count);
    const sum = numberIn(sample.sum);
    const buckets = bucketsOf(sample.buckets);
    if (count === undefined || sum === undefined || buckets === undefined) {
      return invalid(
        `The histogram ${quote(name)} must have a \`count\`, a \`sum\` and \`buckets\` with \`le\` (a number or "+Inf") and \`count\`.`,
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
        `With the ${buckets} buckets of ${quote(name)} the request has more samples than the limit (INGEST_MAX_SAMPLES), which is ${maxSamples}.`,
      );
    }
    return undefined;
  }

  /**
   * Returns the labels that were sent, and the labels that Unleash adds unless the client has set them. Unleash Edge, for
   * example, sets `origin="edge"` itself. A label whose value is null or an empty string counts as absent.
   *
   * @returns undefined if the labels are malformed; the unchecked labels if there are more than any series can have
   */
  private labelsOf(given: unknown, type: string): Record<string, IncomingLabelValue> | undefined {
    if (given !== undefined && given !== null && !isRecord(given)) return undefined;
    // Hundreds of thousands of labels fit into a body, and checking them one by one would take a second.
    if (Object.keys(given ?? {}).length > MAX_LABELS) return given as Record<string, IncomingLabelValue>;
    const own = Object.entries(given ?? {}).filter(([, value]) => value !== null && value !== '');
    if (!own.every(hasLabelValue)) return undefined;
    if (!this.reading.addsLabels) return Object.fromEntries(own);
    const taken = new Set<unknown>(own.map(([name]) => readLabelName(name, this.reading.limits)));
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

/** @returns undefined if the buckets are malformed */
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

/** Reads a number, or, as Unleash does, the text of a number. */
function numberIn(value: unknown): number | undefined {
  const number =
    typeof value === 'string' ? parseDecimal(value.length <= MAX_NUMBER_CHARACTERS ? value.trim() : '') : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

/**
 * Reads the name of an impact metric. With the legacy rules, colons are replaced as well, as in Unleash, although Prometheus
 * allows them.
 */
function readImpactName(given: string, rules: NameRules): string | NameProblem {
  const name = readMetricName(given, rules);
  return typeof name === 'string' && rules.nameValidation === 'legacy' ? name.replaceAll(':', '_') : name;
}

/** Returns a text of a request in a form that can be quoted in a message. */
function quote(text: string): string {
  return sanitizeText(abbreviate(text));
}
