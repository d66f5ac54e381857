import { Refusal } from '../../../catalog/refusal.js';
import { MAX_BUCKETS, samplesOfHistogram } from '../../../ingestion/histograms/incoming-histogram.js';
import { type IncomingSample, staleMarker } from '../../../ingestion/incoming-sample.js';
import { checkLabelCount } from '../../../ingestion/label-count.js';
import { checkTextLengths, type TextLimits } from '../../../ingestion/text-lengths.js';
import {
  type Labels,
  labelsOf,
  promotedLabelsOf,
  scopeLabelsOf,
  type SharedLabels,
  targetInfoLabelsOf,
  targetLabelsOf,
} from './otlp-labels.js';
import { metricNameOf, type NamedKind, unitNameOf } from './otlp-naming.js';
import {
  exponentialHistogram,
  invalid,
  noTemporality,
  notFinite,
  shown,
  unknownKind,
  unusableName,
} from './otlp-refusals.js';
import { isTimed, newestOf } from './otlp-times.js';
import type {
  OtlpHistogram,
  OtlpMetric,
  OtlpNumber,
  OtlpPoint,
  OtlpRequest,
  OtlpResource,
  OtlpSummary,
} from '../encoding/otlp-request.js';

/** What an operator decides about names and labels. */
export interface OtlpNamingOptions {
  /** Whether names get their unit, `_total` and `_ratio`. */
  readonly metricSuffixes: boolean;
  /** Whether series get the name and version of the scope as labels. */
  readonly scopeLabels: boolean;
  /** Resource attributes that become labels of every series. */
  readonly promoteResourceAttributes: readonly string[];
}

/** A data point as samples. */
export interface MappedPoint {
  readonly samples: readonly IncomingSample[];
  /** Not sent as a data point: `target_info`. Whoever counts data points leaves it out. */
  readonly isDerived: boolean;
}

/** Data points that can't become samples. */
export interface RefusedPoints {
  /** 0 where nobody can tell how many there are. */
  readonly count: number;
  readonly refusal: Refusal;
}

export interface MappedRequest {
  /**
   * Made one at a time, because an export may be thirty times as large as samples as it is as bytes. In the same order each
   * time the same export comes. Undefined is a step without one.
   */
  points(): Generator<MappedPoint | undefined>;
  /** Complete once all points have been made. */
  readonly refused: Iterable<RefusedPoints>;
  /** Every data point says when it was: then the same bytes are the same points, sent again. */
  readonly isTimed: boolean;
}

/**
 * What an export of metrics means here, by the rules for OpenTelemetry in Prometheus. Nothing is known yet of what is
 * stored: what contradicts it is refused by ingestion.
 * Source: https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/#otlp-metric-points-to-prometheus
 */
export function mapRequest(request: OtlpRequest, options: OtlpNamingOptions, limits: TextLimits): MappedRequest {
  return new OtlpMapping(request, options, limits);
}

/** Ten times what a unit may have once it is written in Prometheus' words. */
const MAX_WRITTEN_UNIT = 1_000;

/** SERIES_MAX_LABELS can't be set to more. */
const MAX_ATTRIBUTES = 1_000;

type Mapped<Point> = (point: Point, labels: Labels) => IncomingSample[] | Refusal;

class OtlpMapping implements MappedRequest {
  readonly isTimed: boolean;

  /** By what is said of them: thousands of points are mostly refused for one reason. */
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
    const help = 'What the sender says of itself: the attributes of its OpenTelemetry resource';
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

  /** Once for all points of a metric: its name, help and unit are in each of their samples. */
  private checkTexts({ name, description, unit }: OtlpMetric): Refusal | undefined {
    // An annotation such as {request} is no unit, and may be longer than one.
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
    // Those of a scope are copied to each of its points.
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

  /** Attributes may share a label, but not so many: to sort and rename tens of thousands would take long. */
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
        // One that does not name its buckets can't end them, and half a histogram is none.
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

/** A metric under its name in Prometheus. */
interface Described {
  readonly name: string;
  readonly help: string;
  readonly unit: string;
  /** As OpenTelemetry has it. */
  readonly sentName: string;
}

function mapGauge({ name, help, unit, sentName }: Described): Mapped<OtlpNumber> {
  return ({ value, timestamp, hasNoValue }, labels) => {
    if (name === '') return unusableName(sentName);
    if (hasNoValue) return [staleMarker(name, labels, timestamp)];
    if (value === null || !Number.isFinite(value)) return notFinite(name, value);
    return [{ name, value, labels, type: 'gauge', help, unit, timestamp }];
  };
}

/** A sum that can fall is a gauge: sent as it stands, or as what has changed. */
function mapSum(
  { name, help, unit, sentName }: Described,
  isMonotonic: boolean,
  temporality: 'delta' | 'cumulative' | null,
): Mapped<OtlpNumber> {
  const isGaugeAsItStands = !isMonotonic && temporality === 'cumulative';
  return ({ value, timestamp, startedAt, hasNoValue }, labels) => {
    if (name === '') return unusableName(sentName);
    if (hasNoValue) return [staleMarker(name, labels, timestamp)];
    if (temporality === null) return noTemporality(name);
    if (value === null || !Number.isFinite(value)) return notFinite(name, value);
    return [
      {
        name,
        value,
        labels,
        type: isMonotonic ? 'counter' : 'gauge',
        temporality: isGaugeAsItStands ? undefined : temporality,
        help,
        unit,
        timestamp,
        startedAt,
      },
    ];
  };
}

/** Quantiles are gauges; what it says of all observations since it began are two counters. */
function mapSummary({ name, help, unit, sentName }: Described): Mapped<OtlpSummary> {
  return ({ quantiles, sum, count, timestamp, startedAt, hasNoValue }, labels) => {
    if (name === '') return unusableName(sentName);
    if (hasNoValue) return [];
    // Each becomes a sample with all labels, as a bucket does.
    if (quantiles.length > MAX_BUCKETS) {
      return invalid(`${shown(name)} has ${quantiles.length} quantiles, the limit is ${MAX_BUCKETS}.`);
    }
    if (!Number.isFinite(sum)) return notFinite(name, sum);
    const counter = { labels, type: 'counter', temporality: 'cumulative', help, timestamp, startedAt } as const;
    return [
      // One without observations has no quantiles, and says NaN.
      ...quantiles
        .filter(({ value }) => Number.isFinite(value))
        .map(({ quantile, value }): IncomingSample => {
          const itsLabels = { ...labels, quantile: String(quantile) };
          return { name, value, labels: itsLabels, type: 'gauge', help, unit, timestamp };
        }),
      { ...counter, name: `${name}_sum`, value: sum },
      { ...counter, name: `${name}_count`, value: count },
    ];
  };
}
