import type { Temporality } from '../catalog/metric.js';
import { attributesIn } from './otlp-attribute.js';
import {
  booleanIn,
  doubleIn,
  doublesIn,
  enumIn,
  inside,
  integerIn,
  integersIn,
  messageIn,
  messagesIn,
  millisecondsIn,
  type OtlpFields,
  textIn,
} from './otlp-fields.js';
import type {
  OtlpHistogram,
  OtlpMetric,
  OtlpNumber,
  OtlpPoint,
  OtlpPoints,
  OtlpRequest,
  OtlpResource,
  OtlpScope,
  OtlpSummary,
} from './otlp-request.js';

const AGGREGATION_TEMPORALITIES = [
  'AGGREGATION_TEMPORALITY_UNSPECIFIED',
  'AGGREGATION_TEMPORALITY_DELTA',
  'AGGREGATION_TEMPORALITY_CUMULATIVE',
] as const;

/** `DATA_POINT_FLAGS_NO_RECORDED_VALUE_MASK` */
const NO_RECORDED_VALUE = 1;

const EMPTY: OtlpFields = {};

/**
 * Reads an `ExportMetricsServiceRequest`, parsed from JSON or decoded from protobuf. Unknown fields are ignored.
 *
 * @throws MalformedOtlpError with the place, in the names of the JSON form
 */
export function readRequest(request: OtlpFields): OtlpRequest {
  return { resources: messagesIn(request, 'resourceMetrics', readResource) };
}

function readResource(fields: OtlpFields): OtlpResource {
  const resource = messageIn(fields, 'resource') ?? EMPTY;
  return {
    attributes: inside('resource', () => attributesIn(resource, 'attributes')),
    scopes: messagesIn(fields, 'scopeMetrics', readScope),
  };
}

function readScope(fields: OtlpFields): OtlpScope {
  const scope = messageIn(fields, 'scope') ?? EMPTY;
  const about = inside('scope', () => ({
    name: textIn(scope, 'name'),
    version: textIn(scope, 'version'),
    attributes: attributesIn(scope, 'attributes'),
  }));
  return { ...about, schemaUrl: textIn(fields, 'schemaUrl'), metrics: messagesIn(fields, 'metrics', readMetric) };
}

function readMetric(fields: OtlpFields): OtlpMetric {
  return {
    name: textIn(fields, 'name'),
    description: textIn(fields, 'description'),
    unit: textIn(fields, 'unit'),
    points: readPoints(fields),
  };
}

function readPoints(metric: OtlpFields): OtlpPoints {
  const gauge = messageIn(metric, 'gauge');
  if (gauge !== undefined) {
    return inside('gauge', () => ({ kind: 'gauge', points: messagesIn(gauge, 'dataPoints', readNumber) }));
  }
  const sum = messageIn(metric, 'sum');
  if (sum !== undefined) {
    return inside('sum', () => ({
      kind: 'sum',
      points: messagesIn(sum, 'dataPoints', readNumber),
      temporality: readTemporality(sum),
      isMonotonic: booleanIn(sum, 'isMonotonic') ?? false,
    }));
  }
  const histogram = messageIn(metric, 'histogram');
  if (histogram !== undefined) {
    return inside('histogram', () => ({
      kind: 'histogram',
      points: messagesIn(histogram, 'dataPoints', readHistogram),
      temporality: readTemporality(histogram),
    }));
  }
  const summary = messageIn(metric, 'summary');
  if (summary !== undefined) {
    return inside('summary', () => ({ kind: 'summary', points: messagesIn(summary, 'dataPoints', readSummary) }));
  }
  const exponential = messageIn(metric, 'exponentialHistogram');
  if (exponential === undefined) return { kind: 'unknown' };
  return inside('exponentialHistogram', () => ({
    kind: 'exponential histogram',
    count: messagesIn(exponential, 'dataPoints', () => null).length,
  }));
}

function readTemporality(fields: OtlpFields): Temporality | null {
  const given = enumIn(fields, 'aggregationTemporality', AGGREGATION_TEMPORALITIES);
  if (given === 'AGGREGATION_TEMPORALITY_DELTA') return 'delta';
  return given === 'AGGREGATION_TEMPORALITY_CUMULATIVE' ? 'cumulative' : null;
}

function readPoint(fields: OtlpFields): OtlpPoint {
  return {
    attributes: attributesIn(fields, 'attributes'),
    timestamp: millisecondsIn(fields, 'timeUnixNano'),
    hasNoValue: ((integerIn(fields, 'flags') ?? 0) & NO_RECORDED_VALUE) !== 0,
  };
}

function readNumber(fields: OtlpFields): OtlpNumber {
  return { ...readPoint(fields), value: doubleIn(fields, 'asDouble') ?? integerIn(fields, 'asInt') ?? null };
}

function readHistogram(fields: OtlpFields): OtlpHistogram {
  return {
    ...readPoint(fields),
    count: integerIn(fields, 'count') ?? 0,
    sum: doubleIn(fields, 'sum') ?? null,
    bucketCounts: integersIn(fields, 'bucketCounts'),
    bounds: doublesIn(fields, 'explicitBounds'),
  };
}

function readSummary(fields: OtlpFields): OtlpSummary {
  return {
    ...readPoint(fields),
    count: integerIn(fields, 'count') ?? 0,
    sum: doubleIn(fields, 'sum') ?? 0,
    quantiles: messagesIn(fields, 'quantileValues', (each) => ({
      quantile: doubleIn(each, 'quantile') ?? 0,
      value: doubleIn(each, 'value') ?? 0,
    })),
  };
}
