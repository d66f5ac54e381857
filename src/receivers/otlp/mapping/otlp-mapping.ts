import { Refusal } from '../../../catalog/refusal.js';
import { samplesOfHistogram } from '../../../ingestion/histograms/incoming-histogram.js';
import { type IncomingSample, staleMarker } from '../../../ingestion/incoming-sample.js';
import { checkLabelCount } from '../../../ingestion/label-count.js';
import { checkTextLengths, type TextLimits } from '../../../ingestion/text-lengths.js';
import {
  labelsOf,
  promotedLabelsOf,
  scopeLabelsOf,
  type SharedLabels,
  targetInfoLabelsOf,
  targetLabelsOf,
} from './otlp-labels.js';
import { metricNameOf, type NamedKind, unitNameOf } from './otlp-naming.js';
import { type Described, mapGauge, type Mapped, mapSum, mapSummary } from './otlp-points.js';
import { exponentialHistogram, invalid, noTemporality, unknownKind, unusableName } from './otlp-refusals.js';
import { isTimed, newestOf } from './otlp-times.js';
import type { OtlpHistogram, OtlpMetric, OtlpPoint, OtlpRequest, OtlpResource } from '../encoding/otlp-request.js';

/** The settings for names and labels. */
export interface OtlpNamingOptions {
  /** Whether the unit, `_total` and `_ratio` are appended to names. */
  readonly metricSuffixes: boolean;
  /** Whether series get the name and version of the scope as labels. */
  readonly scopeLabels: boolean;
  /** Resource attributes that become labels of every series. */
  readonly promoteResourceAttributes: readonly string[];
}

/** A data point as samples. */
export interface MappedPoint {
  readonly samples: readonly IncomingSample[];
  /** True for `target_info`, which was not sent as a data point and is not counted as one. */
  readonly isDerived: boolean;
}

/** Data points that can't become samples. */
export interface RefusedPoints {
  /** 0 if their number is unknown. */
  readonly count: number;
  readonly refusal: Refusal;
}

export interface MappedRequest {
  /**
   * Creates the points one at a time, because the samples of an export may take thirty times as much memory as its bytes. The
   * order is the same each time for the same export. An undefined element is a step without a point.
   */
  points(): Generator<MappedPoint | undefined>;
  /** Complete once all points have been made. */
  readonly refused: Iterable<RefusedPoints>;
  /** True if every data point has a time. Identical bytes are then the same points, sent again. */
  readonly isTimed: boolean;
}

/**
 * Maps a metrics export to samples by the rules for OpenTelemetry in Prometheus. The mapping does not know the stored data;
 * ingestion refuses samples that contradict it.
 * Source: https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/#otlp-metric-points-to-prometheus
 */
export function mapRequest(request: OtlpRequest, options: OtlpNamingOptions, limits: TextLimits): MappedRequest {
  return new OtlpMapping(request, options, limits);
}

/** Maximum length of a unit as sent: ten times the limit for a unit in Prometheus' words. */
const MAX_WRITTEN_UNIT = 1_000;

/** The highest possible value of SERIES_MAX_LABELS. */
const MAX_ATTRIBUTES = 1_000;

class OtlpMapping implements MappedRequest {
  readonly isTimed: boolean;

  /** Refusals by their message, because thousands of points are usually refused for the same reason. */
  private readonly refusals = new Map<string, { count: number; readonly refusal: Refusal }>();
  private histograms = 0;

  constructor(
    private readonly request: OtlpRequest,
    private readonly options: OtlpNamingOptions,
    private readonly limits: TextLimits,
  ) {
    this.isTimed = request.resources.every(isTimed);
  }

  get refused(): Iterable<RefusedPoints> {
    return this.refusals.values();
  }

  *points(): Generator<MappedPoint | undefined> {
    for (const resource of this.request.resources) yield* this.pointsOfResource(resource);
  }

  private *pointsOfResource(resource: OtlpResource): Generator<MappedPoint | undefined> {
    const { attributes, scopes } = resource;
    const promoted = promotedLabelsOf(
      attributes,
      this.options.promoteResourceAttributes,
      this.limits.metricNameMaxLength,
    );
    const target = targetLabelsOf(attributes);
    let isEmpty = true;
    yield undefined;
    for (const scope of scopes) {
      const fixed = this.options.scopeLabels
        ? new Map([...scopeLabelsOf(scope, this.limits.metricNameMaxLength), ...target])
        : target;
      for (const metric of scope.metrics) {
        yield undefined;
        for (const samples of this.samplesOfMetric(metric, { promoted, fixed })) {
          if (samples === undefined) {
            yield undefined;
            continue;
          }
          isEmpty &&= samples[0]!.isStale === true;
          yield { samples, isDerived: false };
        }
      }
    }
    const info = targetInfoLabelsOf(attributes, this.limits.metricNameMaxLength);
    if (info === undefined || isEmpty) return;
    const help = 'Attributes of the OpenTelemetry resource that sent the metrics';
    const sample = {
      name: 'target_info',
      value: 1,
      labels: info,
      type: 'gauge',
      help,
      timestamp: newestOf(resource),
    } as const;
    yield { samples: [sample], isDerived: true };
  }

  private samplesOfMetric(metric: OtlpMetric, shared: SharedLabels): Iterable<readonly IncomingSample[] | undefined> {
    const { points } = metric;
    const tooLong = this.checkTexts(metric);
    if (tooLong !== undefined) {
      this.refuse('points' in points ? points.points.length : 0, tooLong);
      return [];
    }
    switch (points.kind) {
      case 'gauge':
        return this.samplesOf(points.points, shared, mapGauge(this.describe(metric, 'gauge')));
      case 'sum': {
        const described = this.describe(metric, points.isMonotonic ? 'monotonic sum' : 'other');
        return this.samplesOf(points.points, shared, mapSum(described, points.isMonotonic, points.temporality));
      }
      case 'histogram':
        return this.samplesOf(points.points, shared, this.mapHistogram(metric, points.temporality));
      case 'summary':
        return this.samplesOf(points.points, shared, mapSummary(this.describe(metric, 'other')));
      case 'exponential histogram':
        if (points.count > 0) this.refuse(points.count, exponentialHistogram(metric.name));
        break;
      case 'unknown':
        this.refuse(0, unknownKind(metric.name));
    }
    return [];
  }

  /** Checks the name, help and unit once per metric, because all samples of the metric contain them. */
  private checkTexts({ name, description, unit }: OtlpMetric): Refusal | undefined {
    // An annotation such as {request} is not a unit, and may be longer than one.
    const longUnit = unit.length > MAX_WRITTEN_UNIT ? unit : undefined;
    return checkTextLengths({ name, help: description, unit: longUnit }, this.limits);
  }

  private describe({ name, unit, description }: OtlpMetric, kind: NamedKind): Described {
    return {
      name: metricNameOf(name, unit, kind, this.options.metricSuffixes),
      help: description,
      unit: unitNameOf(unit),
      sentName: name,
    };
  }

  private *samplesOf<Point extends OtlpPoint>(
    points: readonly Point[],
    shared: SharedLabels,
    map: Mapped<Point>,
  ): Generator<readonly IncomingSample[] | undefined> {
    const name = 'A data point';
    // Shared labels are copied to each point, so they are checked once before that.
    const sharedLabels = Object.fromEntries([...shared.promoted, ...shared.fixed]);
    const badShared =
      checkLabelCount(name, sharedLabels, this.limits.maxLabels) ??
      checkTextLengths({ name, labels: sharedLabels }, this.limits);
    for (const point of points) {
      const tooMany = badShared ?? this.checkAttributeCount(name, point);
      const labels = tooMany === undefined ? labelsOf(point.attributes, shared, this.limits.metricNameMaxLength) : {};
      const samples = tooMany ?? checkLabelCount(name, labels, this.limits.maxLabels) ?? map(point, labels);
      if (samples instanceof Refusal) this.refuse(1, samples);
      yield samples instanceof Refusal || samples.length === 0 ? undefined : samples;
    }
  }

  /** Several attributes may become one label, but sorting and renaming tens of thousands of them would take long. */
  private checkAttributeCount(name: string, { attributes }: OtlpPoint): Refusal | undefined {
    return attributes.length > MAX_ATTRIBUTES ? checkLabelCount(name, attributes, this.limits.maxLabels) : undefined;
  }

  private refuse(count: number, refusal: Refusal): void {
    const known = this.refusals.get(refusal.message);
    if (known === undefined) this.refusals.set(refusal.message, { count, refusal });
    else known.count += count;
  }

  private mapHistogram(metric: OtlpMetric, temporality: 'delta' | 'cumulative' | null): Mapped<OtlpHistogram> {
    const { name, help, unit, sentName } = this.describe(metric, 'other');
    return ({ bounds, bucketCounts, sum, count, timestamp, startedAt, hasNoValue }, labels) => {
      if (name === '') return unusableName(sentName);
      const histogram = { name, labels, temporality, help, unit, timestamp, startedAt };
      const item = this.histograms++;
      if (hasNoValue) {
        // Without bounds the bucket series are unknown, and a histogram must not end partly.
        if (bounds.length === 0) return [];
        const buckets = bounds.map((bound) => ({ bound, count: 0 }));
        const parts = samplesOfHistogram({ ...histogram, buckets, sum: 0, count: 0 }, item, this.limits);
        return parts instanceof Refusal ? parts : parts.map((part) => staleMarker(part.name, part.labels!, timestamp));
      }
      if (temporality === null) return noTemporality(name);
      if (bucketCounts.length > 0 && bucketCounts.length !== bounds.length + 1) {
        return invalid(
          `${name} has ${bucketCounts.length} bucket counts for ${bounds.length} bounds; it needs one more than bounds.`,
        );
      }
      let below = 0;
      const buckets = bucketCounts.map((inBucket, index) => {
        below += inBucket;
        return { bound: bounds[index] ?? Infinity, count: below };
      });
      return samplesOfHistogram({ ...histogram, buckets, sum, count }, item, this.limits);
    };
  }
}
