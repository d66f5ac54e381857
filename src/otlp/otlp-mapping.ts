import { Refusal } from '../catalog/refusal.js';
import { samplesOfHistogram } from '../ingestion/incoming-histogram.js';
import type { IncomingSample } from '../ingestion/incoming-sample.js';
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
import type {
  OtlpHistogram,
  OtlpMetric,
  OtlpNumber,
  OtlpPoint,
  OtlpRequest,
  OtlpResource,
  OtlpSummary,
} from './otlp-request.js';

/** What an operator decides about names and labels. */
export interface OtlpNamingOptions {
  /** Whether names get their unit, `_total` and `_ratio`. */
  readonly addsSuffixes: boolean;
  /** Whether series get the name and version of the scope as labels. */
  readonly addsScopeLabels: boolean;
  /** Resource attributes that become labels of every series. */
  readonly promotedResourceAttributes: readonly string[];
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
  readonly points: readonly MappedPoint[];
  readonly refused: readonly RefusedPoints[];
  /** Every data point says when it was: then the same bytes are the same points, sent again. */
  readonly isTimed: boolean;
}

/**
 * What an export of metrics means here, by the rules for OpenTelemetry in Prometheus. Nothing is known yet of what is
 * stored: what contradicts it is refused by ingestion.
 * Source: https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/#otlp-metric-points-to-prometheus
 */
export function mapRequest(request: OtlpRequest, options: OtlpNamingOptions): MappedRequest {
  const mapping = new OtlpMapping(options);
  for (const resource of request.resources) mapping.addResource(resource);
  return mapping;
}

type Mapped<Point> = (point: Point, labels: Labels) => IncomingSample[] | Refusal;

class OtlpMapping implements MappedRequest {
  readonly points: MappedPoint[] = [];
  readonly refused: RefusedPoints[] = [];
  isTimed = true;

  /** Newest time of the resource's data points, ms since the epoch. */
  private newest: number | null = null;

  constructor(private readonly options: OtlpNamingOptions) {}

  addResource({ attributes, scopes }: OtlpResource): void {
    this.newest = null;
    const pointsBefore = this.points.length;
    const promoted = promotedLabelsOf(attributes, this.options.promotedResourceAttributes);
    const target = targetLabelsOf(attributes);
    for (const scope of scopes) {
      const fixed = this.options.addsScopeLabels ? new Map([...scopeLabelsOf(scope), ...target]) : target;
      for (const metric of scope.metrics) this.addMetric(metric, { promoted, fixed });
    }
    const info = targetInfoLabelsOf(attributes);
    if (info === undefined || this.points.length === pointsBefore) return;
    const help = 'What the sender says of itself: the attributes of its OpenTelemetry resource';
    const sample = {
      name: 'target_info',
      value: 1,
      labels: info,
      type: 'gauge',
      help,
      timestamp: this.newest,
    } as const;
    this.points.push({ samples: [sample], isDerived: true });
  }

  private addMetric(metric: OtlpMetric, shared: SharedLabels): void {
    const { points } = metric;
    switch (points.kind) {
      case 'gauge':
        return this.addPoints(points.points, shared, mapGauge(this.describe(metric, 'gauge')));
      case 'sum': {
        const described = this.describe(metric, points.isMonotonic ? 'monotonic sum' : 'other');
        return this.addPoints(points.points, shared, mapSum(described, points.isMonotonic, points.temporality));
      }
      case 'histogram':
        return this.addPoints(points.points, shared, this.mapHistogram(metric, points.temporality));
      case 'summary':
        return this.addPoints(points.points, shared, mapSummary(this.describe(metric, 'other')));
      case 'exponential histogram':
        return this.refuse(points.count, exponentialHistogram(metric.name));
      case 'unknown':
        this.refused.push({ count: 0, refusal: unknownKind(metric.name) });
        return;
    }
  }

  private describe({ name, unit, description }: OtlpMetric, kind: NamedKind): Described {
    return {
      name: metricNameOf(name, unit, kind, this.options.addsSuffixes),
      help: description,
      unit: unitNameOf(unit),
      sentName: name,
    };
  }

  private addPoints<Point extends OtlpPoint>(points: readonly Point[], shared: SharedLabels, map: Mapped<Point>): void {
    for (const point of points) {
      if (point.timestamp === null) this.isTimed = false;
      else this.newest = Math.max(point.timestamp, this.newest ?? point.timestamp);
      if (point.hasNoValue) continue;
      const samples = map(point, labelsOf(point.attributes, shared));
      if (samples instanceof Refusal) this.refuse(1, samples);
      else if (samples.length > 0) this.points.push({ samples, isDerived: false });
    }
  }

  private refuse(count: number, refusal: Refusal): void {
    if (count > 0) this.refused.push({ count, refusal });
  }

  private mapHistogram(metric: OtlpMetric, temporality: 'delta' | 'cumulative' | null): Mapped<OtlpHistogram> {
    const { name, help, unit, sentName } = this.describe(metric, 'other');
    return ({ bounds, bucketCounts, sum, count, timestamp }, labels) => {
      if (name === '') return unusableName(sentName);
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
      const item = this.points.length;
      return samplesOfHistogram({ name, labels, buckets, sum, count, temporality, help, unit, timestamp }, item);
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
  return ({ value, timestamp }, labels) => {
    if (name === '') return unusableName(sentName);
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
  return ({ value, timestamp }, labels) => {
    if (name === '') return unusableName(sentName);
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
      },
    ];
  };
}

/** Quantiles are gauges; what it says of all observations since it began are two counters. */
function mapSummary({ name, help, unit, sentName }: Described): Mapped<OtlpSummary> {
  return ({ quantiles, sum, count, timestamp }, labels) => {
    if (name === '') return unusableName(sentName);
    if (!Number.isFinite(sum)) return notFinite(name, sum);
    const counter = { labels, type: 'counter', temporality: 'cumulative', help, timestamp } as const;
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

const SHOWN_CHARACTERS = 80;

function shown(name: string): string {
  return name.length <= SHOWN_CHARACTERS ? name : `${name.slice(0, SHOWN_CHARACTERS)}…`;
}

function invalid(message: string): Refusal {
  return new Refusal('data_point_invalid', message);
}

function notFinite(name: string, value: number | null): Refusal {
  return invalid(
    `${shown(name)} has ${value === null ? 'no value' : `the value ${value}`}; only finite numbers are kept.`,
  );
}

function noTemporality(name: string): Refusal {
  return invalid(
    `${shown(name)} does not say its aggregationTemporality, so nobody knows whether its values are changes or totals.`,
  );
}

function unusableName(name: string): Refusal {
  return invalid(`The metric name "${shown(name)}" has no letter, digit or colon that Prometheus allows. Rename it.`);
}

function exponentialHistogram(name: string): Refusal {
  return new Refusal(
    'unsupported_type',
    `${shown(name)} is an exponential histogram, which is not kept. Use explicit buckets: unset ` +
      'OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION or set it to explicit_bucket_histogram, or give the ' +
      'instrument a view with that aggregation.',
  );
}

function unknownKind(name: string): Refusal {
  return new Refusal(
    'unsupported_type',
    `${shown(name)} has no data of a kind that is known here: gauge, sum, histogram or summary.`,
  );
}
