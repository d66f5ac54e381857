import type { CustomMetricsOptions } from '../../../custom-metrics.options.js';
import { Refusal } from '../../../catalog/refusal.js';
import type { IncomingSample } from '../../../ingestion/incoming-sample.js';
import { checkLabelCount } from '../../../ingestion/label-count.js';
import { checkTextLengths, type TextLimits } from '../../../ingestion/text-lengths.js';
import { layoutOf } from './exponential-layout.js';
import { HistogramMapping } from './otlp-histograms.js';
import {
  type LabelNaming,
  labelsOf,
  promotedLabelsOf,
  scopeLabelsOf,
  type SharedLabels,
  targetInfoLabelsOf,
  targetLabelsOf,
} from './otlp-labels.js';
import { metricNameOf, type NamedKind, unitNameOf, untranslatedNameOf } from './otlp-naming.js';
import { type Described, mapGauge, type Mapped, mapSum, mapSummary } from './otlp-points.js';
import { unknownKind } from './otlp-refusals.js';
import { isTimed, newestOf } from './otlp-times.js';
import type { OtlpMetric, OtlpPoint, OtlpRequest, OtlpResource } from '../encoding/otlp-request.js';

/** The settings for names, labels and bounds. */
export interface OtlpMappingOptions {
  /** Whether names keep all characters, and whether the unit, `_total` and `_ratio` are appended to metric names. */
  readonly translationStrategy: CustomMetricsOptions['otlp']['translationStrategy'];
  /** Whether series get the name, version, schema URL and attributes of the scope as labels. */
  readonly scopeLabels: boolean;
  /** Resource attributes that become labels of every series. */
  readonly promoteResourceAttributes: readonly string[];
  /** The scale of the bounds that exponential histograms get: 0, 1 or 2. */
  readonly exponentialScale: number;
}

/** The samples of one data point, or of `target_info`. */
export interface MappedPoint {
  readonly samples: readonly IncomingSample[];
  /** True for `target_info`, which was not sent as a data point and is not counted as one. */
  readonly isDerived: boolean;
}

/** Data points that can't become samples. */
export interface RefusedPoints {
  /** The number of data points; 0 if it is unknown. */
  readonly count: number;
  readonly refusal: Refusal;
}

export interface MappedRequest {
  /**
   * Creates the points one at a time, because the samples of an export may take thirty times as much memory as its bytes. The
   * same export always gives the points in the same order. An undefined element stands for work that has created no point.
   */
  points(): Generator<MappedPoint | undefined>;
  /** The refused points. All of them are known only once all points have been created. */
  readonly refused: Iterable<RefusedPoints>;
  /** True if every data point has a time. Identical bytes are then the same points, sent again. */
  readonly isTimed: boolean;
}

/**
 * Maps a metrics export to samples by the rules for OpenTelemetry in Prometheus. The mapping does not know the stored data.
 * Ingestion refuses samples that contradict that data.
 * Source: https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/#otlp-metric-points-to-prometheus
 */
export function mapRequest(request: OtlpRequest, options: OtlpMappingOptions, limits: TextLimits): MappedRequest {
  return new OtlpMapping(request, options, limits);
}

/** Maximum length of a unit in an export, which is ten times the limit for a stored unit. */
const MAX_WRITTEN_UNIT = 1_000;

/** The highest possible value of SERIES_MAX_LABELS. */
const MAX_ATTRIBUTES = 1_000;

class OtlpMapping implements MappedRequest {
  readonly isTimed: boolean;

  /** Refusals by their message, because thousands of points are usually refused for the same reason. */
  private readonly refusals = new Map<string, { count: number; readonly refusal: Refusal }>();
  private readonly histograms: HistogramMapping;
  private readonly hasSuffixes: boolean;
  private readonly naming: LabelNaming;

  constructor(
    private readonly request: OtlpRequest,
    private readonly options: OtlpMappingOptions,
    private readonly limits: TextLimits,
  ) {
    this.isTimed = request.resources.every(isTimed);
    this.histograms = new HistogramMapping(limits);
    const { translationStrategy } = options;
    this.hasSuffixes = translationStrategy.endsWith('WithSuffixes');
    const { metricNameMaxLength: maxLength, nameValidation } = limits;
    // With the legacy rules, ingestion would replace illegal characters anyway. They are already replaced here, because
    // attributes that get the same name are joined here.
    this.naming = { maxLength, escapes: nameValidation === 'legacy' || translationStrategy.startsWith('Underscore') };
  }

  get refused(): Iterable<RefusedPoints> {
    return this.refusals.values();
  }

  *points(): Generator<MappedPoint | undefined> {
    for (const resource of this.request.resources) yield* this.pointsOfResource(resource);
  }

  private *pointsOfResource(resource: OtlpResource): Generator<MappedPoint | undefined> {
    const { attributes, scopes } = resource;
    const promoted = promotedLabelsOf(attributes, this.options.promoteResourceAttributes, this.naming);
    const target = targetLabelsOf(attributes);
    let isEmpty = true;
    yield undefined;
    for (const scope of scopes) {
      const fixed = this.options.scopeLabels ? new Map([...scopeLabelsOf(scope, this.naming), ...target]) : target;
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
    const info = targetInfoLabelsOf(attributes, this.naming);
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
      case 'histogram': {
        const described = this.describe(metric, 'other');
        return this.samplesOf(points.points, shared, this.histograms.mapExplicit(described, points.temporality));
      }
      case 'exponential histogram': {
        const layout = layoutOf(metric.unit, this.options.exponentialScale);
        const map = this.histograms.mapExponential(this.describe(metric, 'other'), points.temporality, layout);
        return this.samplesOf(points.points, shared, map);
      }
      case 'summary':
        return this.samplesOf(
          points.points,
          shared,
          mapSummary(this.describe(metric, 'other'), this.limits.histogramMaxBuckets),
        );
      case 'unknown':
        this.refuse(0, unknownKind(metric.name));
    }
    return [];
  }

  /** Checks the name, help and unit once per metric, because all samples of the metric contain them. */
  private checkTexts({ name, description, unit }: OtlpMetric): Refusal | undefined {
    // An annotation such as {request} is not a unit, and may be longer than a unit.
    const longUnit = unit.length > MAX_WRITTEN_UNIT ? unit : undefined;
    return checkTextLengths({ name, help: description, unit: longUnit }, this.limits);
  }

  private describe({ name, unit, description }: OtlpMetric, kind: NamedKind): Described {
    return {
      name: this.naming.escapes
        ? metricNameOf(name, unit, kind, this.hasSuffixes)
        : untranslatedNameOf(name, unit, kind, this.hasSuffixes),
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
    // Shared labels are copied to each point, so they are checked once before they are copied.
    const sharedLabels = Object.fromEntries([...shared.promoted, ...shared.fixed]);
    const badShared =
      checkLabelCount(name, sharedLabels, this.limits.maxLabels) ??
      checkTextLengths({ name, labels: sharedLabels }, this.limits);
    for (const point of points) {
      const tooMany = badShared ?? this.checkAttributeCount(name, point);
      const labels = tooMany === undefined ? labelsOf(point.attributes, shared, this.naming) : {};
      const samples = tooMany ?? checkLabelCount(name, labels, this.limits.maxLabels) ?? map(point, labels);
      if (samples instanceof Refusal) this.refuse(1, samples);
      yield samples instanceof Refusal || samples.length === 0 ? undefined : samples;
    }
  }

  /**
   * Checks the number of attributes before they are renamed and sorted, which would take a long time for tens of thousands of them.
   * Several attributes may become one label, so this check is only approximate.
   */
  private checkAttributeCount(name: string, { attributes }: OtlpPoint): Refusal | undefined {
    return attributes.length > MAX_ATTRIBUTES ? checkLabelCount(name, attributes, this.limits.maxLabels) : undefined;
  }

  private refuse(count: number, refusal: Refusal): void {
    const known = this.refusals.get(refusal.message);
    if (known === undefined) this.refusals.set(refusal.message, { count, refusal });
    else known.count += count;
  }
}
