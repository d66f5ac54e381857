import { bucketBoundOf, HISTOGRAM_SUFFIX } from '../../../catalog/metric/histogram-family.js';
import { labelSetOf, labelsToText } from '../../../catalog/series/label-set.js';
import { Refusal } from '../../../catalog/refusal.js';
import { samplesOfHistogram } from '../../../ingestion/histograms/incoming-histogram.js';
import type { IncomingSample } from '../../../ingestion/incoming-sample.js';
import type { TextLimits } from '../../../ingestion/text-lengths.js';
import { abbreviate } from '../../../outside-text/abbreviate.js';
import { storedMetricName } from '../../../outside-text/name.js';
import { ExpositionSyntaxError } from './exposition-syntax.error.js';
import { NAMES_OF_PUSH_TIMES } from '../push-times.js';
import type { PushedFamily, PushedSample } from './pushed-family.js';

/** The contents of an exposition in the form that ingestion takes. */
export interface ExpositionSamples {
  readonly samples: readonly IncomingSample[];
  /** The line number of each sample, in the order of the samples. */
  readonly lines: readonly number[];
  /** The number of values that were left out because they are infinite. */
  readonly infinite: number;
  /** The stored name of every metric that has a sample in the exposition, even if the value of the sample was left out. */
  readonly names: ReadonlySet<string>;
}

type Labels = Readonly<Record<string, string>>;

/**
 * Converts the families of an exposition to samples for ingestion: gauges, counters without a temporality (which the token, the
 * metric or the server determines), and histograms as one item each. NaN means that there is no value, as in a summary without
 * observations, and is ignored. Gauges and quantiles may be infinite. Infinite sums, and infinite samples without a type, which
 * may belong to counters, are left out and counted: one infinite observation in an application must not prevent its other metrics
 * from being stored. In a counter, a count or a bucket, NaN and infinite values are errors.
 *
 * The generator yields after each sample, so that other requests can run.
 *
 * @param limits the limits of one sample
 * @param grouping labels that every sample gets; they override the sample's own, and an empty value removes the label
 * @throws ExpositionSyntaxError for a duplicate series, a histogram that contradicts itself, or a value that is not allowed
 */
export function* samplesOfExposition(
  families: readonly PushedFamily[],
  limits: TextLimits,
  grouping: Labels = {},
): Generator<void, ExpositionSamples> {
  const exposition = new ExpositionReader(grouping, limits);
  for (const family of families) yield* exposition.add(family);
  return exposition;
}

/** The lines of one histogram with one label set. */
interface HistogramLinesOfLabels {
  readonly labels: Labels;
  readonly buckets: { readonly bound: number; readonly count: number }[];
  sum: number | null;
  count: number | undefined;
  timestamp: number | undefined;
  line: number;
}

class ExpositionReader implements ExpositionSamples {
  readonly samples: IncomingSample[] = [];
  readonly lines: number[] = [];
  infinite = 0;
  readonly names = new Set<string>();
  private readonly identities = new Set<string>();
  private histograms = 0;

  constructor(
    private readonly grouping: Labels,
    private readonly limits: TextLimits,
  ) {}

  *add(family: PushedFamily): Generator<void, void> {
    // A family without samples needs a step as well, because there may be tens of thousands of such families.
    yield;
    // The service itself sets the push times of a group. An exposition that was scraped elsewhere may contain other ones.
    if (NAMES_OF_PUSH_TIMES.has(family.name)) return;
    if (family.type === 'histogram') {
      yield* this.addHistogram(family);
      return;
    }
    for (const sample of family.samples) {
      this.addSample(sample, family);
      yield;
    }
  }

  private addSample(sample: PushedSample, family: PushedFamily): void {
    const { name, value, line, timestamp } = sample;
    const labels = this.labelsOf(sample);
    this.assertNew(name, labels, line);
    this.names.add(storedMetricName(name, this.limits.nameValidation));
    const type = typeOf(name, family);
    if (Number.isNaN(value) ? type !== 'counter' : type === undefined && !Number.isFinite(value)) {
      this.leaveOut(value);
      return;
    }
    if (isSumOfSummary(name, family) && !Number.isFinite(value)) {
      this.leaveOut(value);
      return;
    }
    if (type !== 'gauge') assertFinite(sample);
    const { help, unit } = family;
    this.push({ name, labels, value, type, help, unit, timestamp }, line);
  }

  private *addHistogram(family: PushedFamily): Generator<void, void> {
    const { name, help, unit } = family;
    const all = new Map<string, HistogramLinesOfLabels>();
    for (const sample of family.samples) {
      const { le, ...labels } = this.labelsOf(sample);
      const key = labelsToText(labelSetOf(labels));
      let lines = all.get(key);
      if (lines === undefined) {
        lines = { labels, buckets: [], sum: null, count: undefined, timestamp: undefined, line: sample.line };
        all.set(key, lines);
      }
      this.assertNew(sample.name, le === undefined ? labels : { ...labels, le }, sample.line);
      addLine(lines, sample, name, le);
      if (sample.name === name + HISTOGRAM_SUFFIX.sum && !Number.isFinite(sample.value)) this.leaveOut(sample.value);
      yield;
    }
    for (const { labels, buckets, sum, count: written, timestamp, line } of all.values()) {
      const count = written ?? buckets.find(({ bound }) => bound === Infinity)?.count;
      if (count === undefined) {
        throw new ExpositionSyntaxError(line, `the histogram ${name} has neither ${name}_count nor a bucket +Inf.`);
      }
      const histogram = { name, labels, buckets, sum, count, help, unit, timestamp };
      const parts = samplesOfHistogram(histogram, this.histograms++, this.limits);
      if (parts instanceof Refusal) throw new ExpositionSyntaxError(line, parts.message);
      for (const part of parts) {
        this.names.add(storedMetricName(part.name, this.limits.nameValidation));
        this.push(part, line);
      }
      yield;
    }
  }

  private leaveOut(value: number): void {
    if (!Number.isNaN(value)) this.infinite++;
  }

  private push(sample: IncomingSample, line: number): void {
    this.samples.push(sample);
    this.lines.push(line);
  }

  private labelsOf({ labels }: PushedSample): Labels {
    const all = { ...labels, ...this.grouping };
    for (const name in all) if (all[name] === '') delete all[name];
    return all;
  }

  private assertNew(name: string, labels: Labels, line: number): void {
    const identity = `${name}{${labelsToText(labelSetOf(labels))}}`;
    if (this.identities.has(identity)) {
      throw new ExpositionSyntaxError(line, `${abbreviate(identity)} appears twice.`);
    }
    this.identities.add(identity);
  }
}

function isSumOfSummary(name: string, family: PushedFamily): boolean {
  return family.type === 'summary' && name === family.name + HISTOGRAM_SUFFIX.sum;
}

function typeOf(name: string, { name: familyName, type }: PushedFamily): 'counter' | 'gauge' | undefined {
  switch (type) {
    case 'counter':
      return 'counter';
    // The quantiles of a summary are current values. Its sum and count only rise.
    case 'summary':
      return name === familyName ? 'gauge' : 'counter';
    case 'gauge':
    case 'histogram':
    case 'gaugehistogram':
    case 'info':
    case 'stateset':
      return 'gauge';
    case 'untyped':
    case 'unknown':
    case undefined:
      return undefined;
    default:
      return type satisfies never;
  }
}

function addLine(lines: HistogramLinesOfLabels, sample: PushedSample, name: string, le: string | undefined): void {
  const { value, line } = sample;
  lines.timestamp = sample.timestamp ?? lines.timestamp;
  if (sample.name === name + HISTOGRAM_SUFFIX.bucket) {
    const bound = le === undefined ? NaN : bucketBoundOf(le);
    if (Number.isNaN(bound)) {
      const given = le === undefined ? 'none' : abbreviate(le);
      throw new ExpositionSyntaxError(line, `${sample.name} needs the label le with a number or +Inf, not ${given}.`);
    }
    assertFinite(sample);
    lines.buckets.push({ bound, count: value });
  } else if (sample.name === name + HISTOGRAM_SUFFIX.sum) {
    // Some clients send NaN if there are no observations, and the sum is infinite after an infinite observation.
    if (!Number.isFinite(value)) return;
    lines.sum = value;
  } else if (sample.name === name + HISTOGRAM_SUFFIX.count) {
    assertFinite(sample);
    lines.count = value;
    lines.line = line;
  } else {
    throw new ExpositionSyntaxError(
      line,
      `${name} is a histogram, which has no value of its own: it has ${name}_bucket, ${name}_sum and ${name}_count.`,
    );
  }
}

function assertFinite({ name, value, line }: PushedSample): void {
  if (Number.isFinite(value)) return;
  throw new ExpositionSyntaxError(line, `${name} has the value ${value}; only finite numbers can be kept.`);
}
